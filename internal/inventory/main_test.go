package main

import (
	"strings"
	"testing"
)

// A licence that nobody has said yes to stops a release.
func TestALicenceThatIsNotAcceptedIsRefused(t *testing.T) {
	for licence, fine := range map[string]bool{"MIT": true, "Apache-2.0 AND BSD-3-Clause": true, "unknown": false, "GPL-3.0": false, "MIT AND unknown": false, "": false} {
		if err := vet([]part{{name: "m", version: "1", licence: licence}}); (err == nil) != fine {
			t.Errorf("%q: %v", licence, err)
		}
	}
}

// Texts are told apart by what they say.
func TestLicencesAreKnownByTheirTexts(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004": "Apache-2.0",
		"Permission is hereby granted, free of charge, to any person\nobtaining a copy, to deal in the Software without restriction": "MIT",
		"Redistribution and use in source and binary forms ... Neither the name of":                                                  "BSD-3-Clause",
		"GNU GENERAL PUBLIC LICENSE": "",
	} {
		if got := licenceText(text); got != want {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}

// npm's checksums come out in hex, and a package without one is refused.
func TestAPackageWithoutAChecksumIsRefused(t *testing.T) {
	if _, err := integrity("sha1-abc"); err == nil || !strings.Contains(err.Error(), "SHA-512") {
		t.Errorf("SHA-1: %v", err)
	}
	if got, err := integrity("sha512-AAEC"); err != nil || got != "000102" {
		t.Errorf("%q, %v", got, err)
	}
}
