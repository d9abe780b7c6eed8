package xform_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/xform"
)

const frame = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
<h:head><h:title>%s</h:title><model><instance>%s</instance><instance id="list"><root/></instance>%s%s</model></h:head><h:body>%s</h:body></h:html>`

const data = `<data id="f-1" version="7"><said/><orx:meta><orx:instanceID/></orx:meta></data>`

func with(key string) string { return `<submission method="post" base64RsaPublicKey="` + key + `"/>` }

// A form of the usual shape is read, with the digest by which phones know it.
func TestAnEncryptedFormIsTaken(t *testing.T) {
	key := collecttest.NewKey(t, "3072")
	doc := fmt.Appendf(nil, frame, "Notes", data, with(key.Base64), `<bind nodeset="/data/said" type="string"/>`, `<input ref="/data/said"/>`)
	f, err := xform.Check(doc)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(doc)
	if f.ID != "f-1" || f.Version != "7" || f.Name != "Notes" || f.MD5 != hex.EncodeToString(sum[:]) || f.Key.N.BitLen() != 3072 {
		t.Errorf("%+v", f)
	}
}

// A form whose answers could leave the phone readable, to somebody else, or with
// what the phone knows of its owner, is not.
func TestDangerousFormsAreRefused(t *testing.T) {
	key, short := collecttest.NewKey(t, "3072"), collecttest.NewKey(t, "2048")
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&curve.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	form := func(title, data, submission, binds, body string) string {
		return fmt.Sprintf(frame, title, data, submission, binds, body)
	}
	good := with(key.Base64)
	for name, doc := range map[string]string{
		"no key":            form("n", data, `<submission/>`, "", ""),
		"no submission":     form("n", data, ``, "", ""),
		"empty key":         form("n", data, with(""), "", ""),
		"two submissions":   form("n", data, good+`<submission/>`, "", ""),
		"short key":         form("n", data, with(short.Base64), "", ""),
		"another algorithm": form("n", data, with(base64.StdEncoding.EncodeToString(der)), "", ""),
		"no base64":         form("n", data, with("-"), "", ""),
		"no key in it":      form("n", data, with("AAAA"), "", ""),
		"own address":       form("n", data, strings.Replace(good, "/>", ` action="https://elsewhere.example/"/>`, 1), "", ""),
		"own spaced action": form("n", data, strings.Replace(good, "/>", ` jr:action="https://elsewhere.example/"/>`, 1), "", ""),
		"no instance id":    form("n", `<data id="f"><orx:meta/></data>`, good, "", ""),
		"no meta":           form("n", `<data id="f"/>`, good, "", ""),
		"no id":             form("n", strings.Replace(data, `id="f-1"`, "", 1), good, "", ""),
		"long id":           form("n", strings.Replace(data, "f-1", strings.Repeat("f", 101), 1), good, "", ""),
		"nothing to fill":   form("n", "", good, "", ""),
		"two data":          form("n", data+data, good, "", ""),
		"no name":           form(" ", data, good, "", ""),
		"device id":         form("n", data, good, `<bind nodeset="/data/said" jr:preload="property" jr:preloadParams="deviceid"/>`, ""),
		"audited places":    form("n", data, good, `<bind nodeset="/data/said" type="binary" xmlns:odk="o" odk:location-priority="high-accuracy"/>`, ""),
		"its place":         form("n", data, good, "", `<odk:setgeopoint xmlns:odk="o" ref="/data/said" event="odk-instance-first-load"/>`),
		"document type":     strings.Replace(form("n", data, good, "", ""), "?>", "?><!DOCTYPE x>", 1),
		"no form":           `<html/>`,
		"large":             form("n", data, good, "", strings.Repeat(" ", xform.MaxSize)),
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := xform.Check([]byte(doc)); !errors.Is(err, xform.ErrRefused) {
				t.Errorf("%v, %+v", err, f)
			}
		})
	}
}

// Any bytes are a form with a long enough key, or a refusal.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(frame, "n", data, with("AAAA"), "", "")))
	f.Fuzz(func(t *testing.T, doc []byte) {
		form, err := xform.Check(doc)
		if err == nil && (form.ID == "" || form.Key.N.BitLen() < xform.MinBits) || err != nil && !errors.Is(err, xform.ErrRefused) {
			t.Fatalf("%+v, %v", form, err)
		}
	})
}
