package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
)

// fill makes a filled form of the keys in a file. What was said lies in answers.xml
// and voice.m4a beside it.
func (s *stage) fill(ts *testscript.TestScript, private string) collecttest.Sent {
	f := collecttest.Filled{FormID: "notes", Version: "2026-11-23", InstanceID: "uuid:2b7f9f0e-2f0b-4a53-8a3e-2f7c0f1f9c11",
		Answers: "<data id=\"notes\"><telling>ما حدث</telling></data>", Media: []collecttest.File{{Name: "voice.m4a", Content: []byte("a voice")}}}
	ts.Check(os.WriteFile(ts.MkAbs("answers.xml"), []byte(f.Answers), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("voice.m4a"), f.Media[0].Content, 0o600))
	return f.Encrypt(s.t, collecttest.KeyOf(s.t, ts.MkAbs(private)))
}

// filled writes a filled form as it lies on a phone: filled PRIVATE-KEY FOLDER.
func (s *stage) filled(ts *testscript.TestScript, _ bool, args []string) {
	s.fill(ts, args[0]).Save(s.t, ts.MkAbs(args[1]))
}

// phone gets the forms and sends the same filled one each time, as ODK Collect:
// phone ADDRESS PRIVATE-KEY.
func (s *stage) phone(ts *testscript.TestScript, fails bool, args []string) {
	p := &collecttest.Phone{Base: args[0]}
	if s.sent.Manifest == nil {
		s.sent = s.fill(ts, args[1])
	}
	list, err := p.FormList(s.t.Context())
	if err == nil && len(list) == 1 {
		_, err = p.Fetch(s.t.Context(), list[0])
	}
	if err == nil {
		err = p.Send(s.t.Context(), s.sent)
	}
	if fails != (err != nil) {
		ts.Fatalf("the phone: %v", err)
	}
}
