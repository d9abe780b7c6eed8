package queue_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	seeded "math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/id"
)

// What these tests have another process do, by the environment variable role: take
// items in and deliver them until it is killed, or fill a small disk.
const role, folder, whom = "QUEUE_TEST_ROLE", "QUEUE_TEST_FOLDER", "QUEUE_TEST_RECIPIENT"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "victim":
		err = workUntilKilled(os.Getenv(folder), os.Getenv(whom))
	case "full":
		err = fillDisk(os.Getenv(folder), os.Getenv(whom))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func other(t *testing.T, as, dir string, to queue.Destination) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+as, folder+"="+dir, whom+"="+to.Text)
	cmd.Stderr = os.Stderr
	return cmd
}

func victim(dir, to string) (*queue.Queue, queue.Destination, error) {
	recipient, err := age.ParseHybridRecipient(to)
	if err != nil {
		return nil, queue.Destination{}, err
	}
	q, err := queue.Open(config(dir, time.Now))
	return q, queue.Destination{Name: "amal", Recipient: recipient, Text: to}, err
}

// workUntilKilled prints "kept WORD" when WORD was acknowledged, and "brought ID
// FILE" before a vault that it speaks for is told of it.
func workUntilKilled(dir, to string) error {
	q, destination, err := victim(dir, to)
	if err != nil {
		return err
	}
	var printing sync.Mutex
	say := func(format string, args ...any) {
		printing.Lock()
		defer printing.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	for range 3 {
		go func() {
			for range 100_000 {
				if word, err := keepOne(q, destination); err == nil {
					say("kept %s", word)
				}
			}
		}()
	}
	return q.Run(context.Background(), queue.Line{
		Note: newVault().note, Bring: func(_ context.Context, i queue.Item, s *queue.Sealed) error {
			payload, err := io.ReadAll(s.Payload())
			say("brought %s %s", i.ID, base64.StdEncoding.EncodeToString(append(bytes.Clone(s.Header), payload...)))
			return err
		},
		Tell: func(error) {}, Pause: func(context.Context, time.Duration) error { return nil },
	})
}

// keepOne takes in one word, as a tool that repeats it would bring it.
func keepOne(q *queue.Queue, to queue.Destination) (string, error) {
	word, err := id.New(rand.Reader)
	if err != nil {
		return "", err
	}
	d, err := q.Draft(queue.Content{To: to, Info: text("x"), Size: int64(len(word)), Mark: q.Mark(string(word)), Value: 1})
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(d, string(word)); err != nil {
		return "", err
	}
	return string(word), errors.Join(d.Finish(), q.Commit(d))
}

// Whatever moment the process dies in, every word that was acknowledged is brought
// in the end, under one id only, and a tool that repeats it is recognized.
func TestAKillLosesNothingAndDoublesNothing(t *testing.T) {
	dir, amal := t.TempDir(), newHer(t, "amal")
	random := seeded.New(seeded.NewPCG(1, 2))
	kept, brought := map[string]bool{}, map[id.ID]string{}
	for range 6 {
		cmd := other(t, "victim", dir, amal.to)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for left := 5 + random.IntN(60); lines.Scan(); left-- {
			hear(t, lines.Text(), amal, kept, brought)
			if left == 0 {
				_ = cmd.Process.Kill() // what it said before goes on coming
			}
		}
		_ = cmd.Wait() // it was killed
	}
	c, v := newClock(), newVault()
	c.now = time.Now()
	v.arrived, v.told = make(chan id.ID, 100_000), make(chan error, 100_000) // nobody reads along
	q := open(t, dir, c)
	for word := range kept {
		if _, ok := q.Known(q.Mark(word)); !ok {
			t.Errorf("%s was acknowledged and is not known", word)
		}
	}
	left := q.Waiting()
	run(t, q, v.line(nil))
	for range left {
		i := <-v.arrived
		v.mu.Lock()
		file := v.got[i]
		v.mu.Unlock()
		receive(t, i, file, amal, brought)
	}
	once := map[string]id.ID{}
	for i, word := range brought {
		if before, twice := once[word]; twice {
			t.Errorf("%s came as %s and as %s", word, before, i)
		}
		once[word] = i
	}
	for word := range kept {
		if _, ok := once[word]; !ok {
			t.Errorf("%s was acknowledged and never came", word)
		}
	}
	if len(kept) < 10 || len(brought) < 10 {
		t.Errorf("the test heard of %d kept and %d brought", len(kept), len(brought))
	}
}

// hear takes a line of the victim's; one that was cut off by the end says nothing.
func hear(t *testing.T, line string, amal her, kept map[string]bool, brought map[id.ID]string) {
	t.Helper()
	words := strings.Fields(line)
	switch {
	case len(words) == 2 && words[0] == "kept" && len(words[1]) == 26:
		kept[words[1]] = true
	case len(words) == 3 && words[0] == "brought":
		if file, err := base64.StdEncoding.DecodeString(words[2]); err == nil && len(file) > 17_000 {
			receive(t, id.ID(words[1]), file, amal, brought)
		}
	}
}

// receive is what the vault does: the same id again must be the same bytes.
func receive(t *testing.T, i id.ID, file []byte, amal her, brought map[id.ID]string) {
	t.Helper()
	word := string(opened(t, file, amal))
	if before, ok := brought[i]; ok && before != word {
		t.Errorf("%s came with %s and with %s", i, before, word)
	}
	brought[i] = word
}
