package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/relatingfield/vault/internal/samples"
)

var policy = regexp.MustCompile(`Policy ([a-z2-7]{26})`)

// decide is the second half of the story: what happens only when she lets it.
func (s *stage) decide(t, who string) error {
	for _, chapter := range []func(t, who string) error{s.embargo, s.overdue, s.trustees, s.silence, s.withdraw} {
		if err := chapter(t, who); err != nil {
			return err
		}
	}
	return nil
}

// later moves the vault's clock.
func (s *stage) later(days int) {
	s.server.clock.skip(days)
	s.say("%d days later, by the vault's clock, which this demonstration can move:", days)
}

// grants lets the researcher open one part, on conditions, and gives the grant.
func (s *stage) grants(t, who string, more ...string) (string, error) {
	out, err := s.does(her, 0, append([]string{"grant", t, "--to", who, "--access", "download", "--yes"}, more...)...)
	if err != nil {
		return "", err
	}
	return named(grant, out)
}

// named finds what a command named.
func named(what *regexp.Regexp, out string) (string, error) {
	m := what.FindStringSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("nothing like %s was named in %q", what, out)
	}
	return m[1], nil
}

// reads opens a part and compares it with what she gave.
func (s *stage) reads(g, part, folder, sample string) error {
	_, err := s.does(reader, 0, "researcher", "open", g, part, "-o", folder)
	return errors.Join(err, s.same(sample, folder+"/part-"+part+"/content"))
}

// embargo opens nothing before its day.
func (s *stage) embargo(t, who string) error {
	from := s.server.clock.now().AddDate(0, 0, 30).UTC().Format(time.DateOnly)
	s.say("She lets the researcher open the text, but not before a day that she picks.")
	g, err := s.grants(t, who, "--parts", "1", "--from", from)
	if err != nil {
		return err
	}
	s.say("Until then it is as if there were nothing.")
	if _, err := s.does(reader, 5, "researcher", "open", g, "1", "-o", "early"); err != nil {
		return err
	}
	s.later(31)
	return s.reads(g, "1", "on-its-day", samples.ArabicText)
}

// overdue gives nothing new to a reader who has not said what became of the old.
func (s *stage) overdue(t, who string) error {
	s.say("By now the researcher should have said what became of the parts that were taken back. Until then she is given nothing new.")
	if _, err := s.does(her, 3, "grant", t, "--to", who, "--parts", "2", "--yes"); err != nil {
		return err
	}
	return s.answers()
}

// answers has the researcher say that every copy is gone, for whatever has ended.
func (s *stage) answers() error {
	var ended struct {
		Endings []struct{ Grant, State string }
	}
	if err := s.json(reader, &ended, "endings"); err != nil {
		return err
	}
	for _, e := range ended.Endings {
		if e.State != "notified" && e.State != "silent" {
			continue
		}
		if _, err := s.does(reader, 0, "reply", e.Grant, "--destroyed", "--yes"); err != nil {
			return err
		}
		s.ended = e.Grant
	}
	return missing(s.ended, "ended grant")
}

// trustees lets three friends decide, two of whom are enough.
func (s *stage) trustees(t, who string) error {
	s.say("Three people she trusts open accounts, and read them out to her on the telephone.")
	args := []string{"policy", "set", t, "--to", who, "--note", "If I am gone, let her hear it.", "--yes"}
	for _, friend := range []person{amina, daryna, zere} {
		account, err := s.befriend(friend)
		if err != nil {
			return err
		}
		args = append(args, "--trustee", account)
	}
	s.say("Any two of the three together can let the researcher hear the recording. One alone, or the vault, cannot: it is mathematics.")
	out, err := s.does(her, 0, args...)
	if err != nil {
		return err
	}
	p, err := named(policy, out)
	if err != nil {
		return err
	}
	g, err := s.grants(t, who, "--parts", "2", "--policy", p)
	if err != nil {
		return err
	}
	return s.vote(p, g)
}

// befriend enrols a friend and gives the account.
func (s *stage) befriend(friend person) (string, error) {
	if _, err := s.does(friend, 0, "enrol", "--yes", "--words-out", file(friend)); err != nil {
		return "", err
	}
	out, err := s.does(friend, 0, "trustee", "offer")
	if err != nil {
		return "", err
	}
	name := account.FindString(out)
	return name, missing(name, "account")
}

func missing(text, what string) error {
	if text == "" {
		return fmt.Errorf("no %s was given", what)
	}
	return nil
}

func (s *stage) vote(p, g string) error {
	if _, err := s.does(amina, 0, "trustee", "list"); err != nil {
		return err
	}
	if _, err := s.does(amina, 0, "trustee", "release", p, "--yes"); err != nil {
		return err
	}
	s.say("One is not enough.")
	if _, err := s.does(reader, 3, "researcher", "open", g, "2", "-o", "one-voice"); err != nil {
		return err
	}
	if _, err := s.does(zere, 0, "trustee", "release", p, "--yes"); err != nil {
		return err
	}
	return s.reads(g, "2", "two-voices", samples.UkrainianVoice)
}

// silence opens what she set aside for it, unless she says a word.
func (s *stage) silence(t, who string) error {
	s.say("The photo is for the day when nothing is heard of her any more: 30 days of silence, and 7 in which she can still say no.")
	out, err := s.does(her, 0, "policy", "set", t, "--to", who, "--silence", "30", "--wait", "7", "--yes")
	if err != nil {
		return err
	}
	p, err := named(policy, out)
	if err != nil {
		return err
	}
	g, err := s.grants(t, who, "--parts", "3", "--policy", p)
	if err != nil {
		return err
	}
	s.later(36)
	s.say("The notice is inside her vault, and nowhere else. She says no, and the counting begins anew.")
	if _, err := s.does(her, 0, "account"); err != nil {
		return err
	}
	if _, err := s.does(her, 0, "check-in"); err != nil {
		return err
	}
	s.later(7)
	if _, err := s.does(reader, 5, "researcher", "open", g, "3", "-o", "vetoed"); err != nil {
		return err
	}
	s.later(38)
	s.say("This time nothing is heard of her.")
	return s.reads(g, "3", "after-silence", samples.Photo)
}

// withdraw takes everything back, waits for the answer and proves the end.
func (s *stage) withdraw(_, _ string) error {
	s.say("She is back, on a borrowed machine, with nothing but her words, and takes everything back.")
	if _, err := s.does(her, 0, "withdraw", "--everything"); err != nil {
		return err
	}
	s.say("The researcher is told, and owes her an answer. Who does not answer in time is given nothing new.")
	if err := s.answers(); err != nil {
		return err
	}
	if _, err := s.does(her, 0, "withdrawals"); err != nil {
		return err
	}
	return s.prove(s.ended)
}

// prove keeps the vault's signed word about the end of a grant, and checks it
// where there is no vault.
func (s *stage) prove(g string) error {
	s.say("The vault signs for each end: who lost what, and all that had been fetched before. She keeps it, and anybody can check it without the vault.")
	out, err := s.does(her, 0, "receipt", g)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "receipt.txt"), []byte(out), 0o600); err != nil {
		return err
	}
	var vault struct {
		ReceiptKeys []string `json:"receipt_keys"`
	}
	if err := s.json(her, &vault, "vault"); err != nil {
		return err
	}
	if len(vault.ReceiptKeys) == 0 {
		return errors.New("the vault shows no receipt key")
	}
	_, err = s.does(her, 0, "verify", "receipt.txt", "--receipt-key", vault.ReceiptKeys[0])
	return err
}

// json runs a command unseen and reads its answer.
func (s *stage) json(p person, into any, args ...string) error {
	cmd := s.command(p, append(args, "--json"))
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return json.Unmarshal(out, into)
}
