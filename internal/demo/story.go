package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/relatingfield/vault/internal/samples"
)

// found what a command named.
var (
	account   = regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
	testimony = regexp.MustCompile(`testimony ([a-z2-7]{26})`)
	grant     = regexp.MustCompile(`Grant ([a-z2-7]{26})`)
)

// play tells the story from the first word to the last.
func (s *stage) play() error {
	s.say("A practice vault is running. It holds no key that opens anything.")
	who, err := s.meet()
	if err != nil {
		return err
	}
	t, err := s.tell()
	if err != nil {
		return err
	}
	g, err := s.share(t, who)
	if err != nil {
		return err
	}
	for _, chapter := range []func() error{
		func() error { return s.open(g) }, func() error { return s.withAge(g) }, func() error { return s.refused(g) },
		func() error { return s.takeBack(t, g) }, func() error { return s.decide(t, who) },
	} {
		if err := chapter(); err != nil {
			return err
		}
	}
	return nil
}

// meet enrols everybody and gives the reader's account.
func (s *stage) meet() (string, error) {
	s.say("She opens an account. Her words are made on her machine and stay there; without --yes she is asked to repeat some.")
	if _, err := s.does(her, 0, "enrol", "--yes", "--words-out", file(her)); err != nil {
		return "", err
	}
	s.say("A researcher opens one, too, and says who she is and why she asks.")
	out, err := s.does(reader, 0, "researcher", "enrol", "--yes", "--words-out", file(reader),
		"--name", "Dr. Oksana Lys", "--institution", "Archive of Voices", "--purpose", "to listen")
	if err != nil {
		return "", err
	}
	who := account.FindString(out)
	s.say("A steward looks into it and vouches for her. That alone opens nothing.")
	if _, err := s.does(steward, 0, "steward", "join"); err != nil {
		return "", err
	}
	_, err = s.does(steward, 0, "steward", "accredit", who, "--yes")
	return who, err
}

// tell stores the testimony and gives its name.
func (s *stage) tell() (string, error) {
	s.say("She seals a text, a recording and a photo to her own key, and stores what came out.")
	out, err := s.does(her, 0, "add", "new", samples.ArabicText, samples.UkrainianVoice, samples.Photo, "--title", "شهادتي", "--language", "ar")
	if err != nil {
		return "", err
	}
	return named(testimony, out)
}

// share grants two of three parts and gives the grant's name.
func (s *stage) share(t, who string) (string, error) {
	s.say("She lets the researcher open two of the three parts, under the Chatham House rule, for a year.")
	out, err := s.does(her, 0, "grant", t, "--to", who, "--parts", "1,2", "--purpose", "Research", "--attribution", "chatham-house", "--access", "download", "--yes")
	if err != nil {
		return "", err
	}
	return named(grant, out)
}

// open reads both parts with the client and compares them with what she gave.
func (s *stage) open(g string) error {
	s.say("The researcher opens them. Each opening is recorded before its first byte leaves the vault.")
	if _, err := s.does(reader, 0, "researcher", "open", g, "-o", "opened"); err != nil {
		return err
	}
	return errors.Join(s.same(samples.ArabicText, "opened/part-1/content"), s.same(samples.UkrainianVoice, "opened/part-2/content"))
}

// withAge reads the recording with the age program, tar and sha256sum.
func (s *stage) withAge(g string) error {
	s.say("The same with the ordinary age program, tar and sha256sum: nobody needs this vault to read what was granted.")
	if _, err := s.does(reader, 0, "researcher", "open", g, "2", "--age", "-o", "sealed"); err != nil {
		return err
	}
	if _, err := s.does(reader, 0, "identity", "key.txt"); err != nil {
		return err
	}
	age, err := s.age()
	if err != nil {
		return err
	}
	return errors.Join(
		s.runs(reader, exec.CommandContext(s.ctx, age, "-d", "-i", "key.txt", "-o", "part.tar", "sealed/part-2/part.age"),
			"age", "-d", "-i", "key.txt", "-o", "part.tar", "sealed/part-2/part.age"),
		s.runs(reader, exec.CommandContext(s.ctx, "tar", "-xf", "part.tar"), "tar", "-xf", "part.tar"),
		s.runs(reader, exec.CommandContext(s.ctx, "sha256sum", "-c", "SHA256SUMS"), "sha256sum", "-c", "SHA256SUMS"),
		s.same(samples.UkrainianVoice, "content"))
}

// age builds the pinned age program: distributions may have one that is too old
// for post-quantum keys.
func (s *stage) age() (string, error) {
	path := filepath.Join(s.dir, "age")
	cmd := exec.CommandContext(s.ctx, "go", "build", "-o", path, "filippo.io/age/cmd/age")
	cmd.Dir = s.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build age: %w\n%s", err, out)
	}
	return path, nil
}

// refused tries the part that was not granted.
func (s *stage) refused(g string) error {
	s.say("The third part was not granted. To the researcher it does not exist.")
	_, err := s.does(reader, 5, "researcher", "open", g, "3", "-o", "third")
	return err
}

// takeBack revokes, tries once more, and looks at the feed.
func (s *stage) takeBack(t, g string) error {
	s.say("She takes both back. The vault tells her exactly what had left it by then.")
	if _, err := s.does(her, 0, "revoke", g); err != nil {
		return err
	}
	s.say("The researcher's next try is refused.")
	if _, err := s.does(reader, 5, "researcher", "open", g, "1", "-o", "again"); err != nil {
		return err
	}
	s.say("And she sees all of it.")
	if _, err := s.does(her, 0, "feed", t); err != nil {
		return err
	}
	return s.openings(t)
}

// openings makes sure that the feed holds the openings of the story: one a part,
// since the second look at the recording was within the same day.
func (s *stage) openings(t string) error {
	var feed struct{ Events []struct{ Kind string } }
	if err := s.json(her, &feed, "feed", t); err != nil {
		return err
	}
	opened := 0
	for _, e := range feed.Events {
		if e.Kind == "opened" {
			opened++
		}
	}
	if opened != 2 {
		return fmt.Errorf("the feed has %d openings where the story has 2", opened)
	}
	return nil
}

// same compares what was opened with what she gave.
func (s *stage) same(given, opened string) error {
	a, errA := os.ReadFile(filepath.Join(s.dir, given))
	b, errB := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(opened)))
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("%s is not what she gave", opened)
	}
	return nil
}
