package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
)

// filled fills a form in as a phone does: filled PRIVATE-KEY FOLDER. What was said
// lies in answers.xml and voice.m4a beside it.
func (s *stage) filled(ts *testscript.TestScript, _ bool, args []string) {
	f := collecttest.Filled{FormID: "notes", Version: "2026-11-23", InstanceID: "uuid:2b7f9f0e-2f0b-4a53-8a3e-2f7c0f1f9c11",
		Answers: "<data id=\"notes\"><telling>ما حدث</telling></data>", Media: []collecttest.File{{Name: "voice.m4a", Content: []byte("a voice")}}}
	f.Encrypt(s.t, collecttest.KeyOf(s.t, ts.MkAbs(args[0]))).Save(s.t, ts.MkAbs(args[1]))
	ts.Check(os.WriteFile(ts.MkAbs("answers.xml"), []byte(f.Answers), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("voice.m4a"), f.Media[0].Content, 0o600))
}
