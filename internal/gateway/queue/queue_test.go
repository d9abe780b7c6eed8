package queue_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/id"
)

// What was committed reaches the vault, each item under its own id and sealed to
// the one it was meant for, and nothing of it stays but marks.
func TestWhatWasAcknowledgedIsDeliveredAndForgotten(t *testing.T) {
	c, dir, v := newClock(), t.TempDir(), newVault()
	q := open(t, dir, c)
	amal, dina := newHer(t, "amal"), newHer(t, "dina")
	first, second := noise(t, 1000), noise(t, 300_000)
	m1, m2 := q.Mark("tool", "1"), q.Mark("tool", "2")
	if err := q.Commit(seal(t, q, amal.to, m1, first), seal(t, q, dina.to, m2, second)); err != nil {
		t.Fatal(err)
	}
	stop := run(t, q, v.line(nil))
	<-v.arrived
	<-v.arrived
	if err := <-v.told; err != nil {
		t.Fatal(err)
	}
	stop()
	for i, file := range v.got {
		who, want := amal, first
		if v.to[i] == "dina" {
			who, want = dina, second
		}
		if !bytes.Equal(opened(t, file, who), want) {
			t.Errorf("the item for %s is not what was brought", who.to.Name)
		}
	}
	if n, ok := q.Known(m2); !ok || n != 300_000 || q.Waiting() != 0 {
		t.Errorf("known %v as %d, %d waiting", ok, n, q.Waiting())
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != "key lock marks" {
		t.Errorf("there is left: %s", got)
	}
}

// A draft that is not committed is worth nothing: it leaves nothing, takes no room,
// and is not known.
func TestADraftThatIsNotFinishedLeavesNothing(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	q := open(t, dir, c)
	to, m := newHer(t, "amal").to, q.Mark("tool", "1")
	d, err := q.Draft(queue.Content{To: to, Info: text("x"), Size: 200_000, Mark: m})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(noise(t, 150_000)); err != nil {
		t.Fatal(err)
	}
	if err := q.Commit(d); !errors.Is(err, queue.ErrUnfinished) {
		t.Errorf("an unfinished draft: %v", err)
	}
	if d, err = q.Draft(queue.Content{To: to, Info: text("x"), Size: 10, Mark: m}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(noise(t, 11)); !errors.Is(err, queue.ErrUnfinished) {
		t.Errorf("one byte too many: %v", err)
	}
	if _, err := d.Write(noise(t, 9)); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(); !errors.Is(err, queue.ErrUnfinished) {
		t.Errorf("one byte too few: %v", err)
	}
	finished := seal(t, q, to, m, noise(t, 10)) // and never committed
	finished.Drop()
	if files, err := filepath.Glob(filepath.Join(dir, "*.*")); err != nil || len(files) > 0 {
		t.Errorf("left: %v, %v", files, err)
	}
	if _, ok := q.Known(m); ok {
		t.Error("something is known that was never acknowledged")
	}
}

// While content is coming, and when it has come, nothing of it is in any file of
// the folder, nor is its name or its exact length.
func TestPlaintextIsInNoFile(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	q := open(t, dir, c)
	words := []byte("her words, and a random one: " + string(mustID(t)) + string(mustID(t)))
	content := append(bytes.Clone(words), noise(t, 200<<10)...)
	look, err := canarytest.New(canarytest.Mark{Name: "words", Data: words}, canarytest.Mark{Name: "content", Data: content}, canarytest.Mark{Name: "name", Data: []byte("photo-of-the-house-in-march-2019.jpg")})
	if err != nil {
		t.Fatal(err)
	}
	info := text("photo-of-the-house-in-march-2019.jpg")
	d, err := q.Draft(queue.Content{To: newHer(t, "amal").to, Info: info, Size: int64(len(content)), Mark: q.Mark("photo-of-the-house-in-march-2019.jpg"), Value: uint64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	clean := func(when string) {
		found, size, err := look.Tree(dir)
		if err != nil || len(found) > 0 || size < 64 {
			t.Errorf("%s, in %d bytes: %v, %v", when, size, found, err)
		}
	}
	if _, err := d.Write(content[:190<<10]); err != nil {
		t.Fatal(err)
	}
	clean("while it comes")
	if _, err := d.Write(content[190<<10:]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Finish(), q.Commit(d)); err != nil {
		t.Fatal(err)
	}
	clean("in the queue")
	v := newVault()
	stop := run(t, q, v.line(nil))
	<-v.arrived
	<-v.told
	stop()
	clean("afterwards")
}

// An item that was acknowledged survives the process, and is brought by the next.
func TestTheNextProcessGoesOn(t *testing.T) {
	c, dir, v := newClock(), t.TempDir(), newVault()
	q := open(t, dir, c)
	amal, content := newHer(t, "amal"), noise(t, 5000)
	m := q.Mark("tool", "1")
	if err := q.Commit(seal(t, q, amal.to, m, content)); err != nil {
		t.Fatal(err)
	}
	unfinished, err := q.Draft(queue.Content{To: amal.to, Info: text("x"), Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	uncommitted := seal(t, q, amal.to, queue.Mark{}, content)
	if _, err := queue.Open(config(dir, c.Now)); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("a second process beside the first: %v", err)
	}
	if err := q.Close(); err != nil { // as the end of the process does
		t.Fatal(err)
	}
	q = open(t, dir, c)
	if n, ok := q.Known(m); !ok || n != 5000 {
		t.Errorf("known %v as %d", ok, n)
	}
	run(t, q, v.line(nil))
	if file := v.got[<-v.arrived]; !bytes.Equal(opened(t, file, amal), content) {
		t.Error("it is not what was brought")
	}
	if err := <-v.told; err != nil || len(v.got) != 1 {
		t.Errorf("%d items, %v", len(v.got), err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	_, _ = unfinished, uncommitted
}

// A line that is down keeps everything waiting; when it is back all is brought,
// once.
func TestALineThatIsDownLosesNothing(t *testing.T) {
	c, v, again := newClock(), newVault(), make(chan struct{})
	q := open(t, t.TempDir(), c)
	amal := newHer(t, "amal")
	v.say(func(queue.Item) error { return errors.New("no route to host") })
	run(t, q, v.line(again))
	for range 3 {
		if err := q.Commit(seal(t, q, amal.to, queue.Mark{}, noise(t, 100))); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := <-v.told; err == nil {
			t.Fatal("a line that is down delivered")
		}
		again <- struct{}{}
	}
	v.say(nil)
	for up := 0; up < 3; {
		select {
		case <-v.arrived:
			up++
		case again <- struct{}{}: // it may still wait for the attempt before
		case <-v.told:
		}
	}
	if q.Waiting() > 1 || len(v.got) != 3 {
		t.Errorf("%d arrived", len(v.got))
	}
}

// What the vault refuses stays, with the reason, and keeps nothing else waiting. It
// is tried again after hours, and when the operator asks.
func TestWhatIsRefusedStaysAndIsReported(t *testing.T) {
	c, dir, v := newClock(), t.TempDir(), newVault()
	q := open(t, dir, c)
	amal, dina := newHer(t, "amal"), newHer(t, "dina")
	v.say(func(i queue.Item) error {
		if i.To == "amal" {
			return &queue.Refused{Reason: "the tray is closed"}
		}
		return nil
	})
	if err := q.Commit(seal(t, q, amal.to, queue.Mark{}, noise(t, 100)), seal(t, q, dina.to, queue.Mark{}, noise(t, 100))); err != nil {
		t.Fatal(err)
	}
	stop := run(t, q, v.line(nil))
	if i := <-v.arrived; v.to[i] != "dina" {
		t.Error("the wrong one arrived")
	}
	var refused *queue.Refused
	if err := <-v.told; !errors.As(err, &refused) {
		t.Errorf("told: %v", err)
	}
	stop()
	l, err := queue.LookAt(dir)
	if err != nil || len(l.Refused) != 1 || l.Refused[0].Refused != "the tray is closed" || l.Refused[0].To != "amal" || len(l.Waiting) != 0 || l.Bytes < 16<<10 {
		t.Errorf("%+v, %v", l, err)
	}
	v.say(nil)
	c.add(7 * time.Hour)
	stop = run(t, q, v.line(nil))
	if i := <-v.arrived; v.to[i] != "amal" || v.times[i] != 2 {
		t.Error("it was not tried again")
	}
	<-v.told
	stop()
	if l, err := queue.LookAt(dir); err != nil || len(l.Refused) != 0 || l.Oldest != 0 {
		t.Errorf("%+v, %v", l, err)
	}
}

// Room that is taken is known before the first byte, and comes back.
func TestThereIsNoMoreThanTheRoomAllowed(t *testing.T) {
	c, v := newClock(), newVault()
	cfg := config(t.TempDir(), c.Now)
	cfg.Room = 60 << 10
	q, err := queue.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	to := newHer(t, "amal").to
	small := queue.Content{To: to, Info: text("x"), Size: 100}
	one, two := seal(t, q, to, queue.Mark{}, noise(t, 100)), seal(t, q, to, queue.Mark{}, noise(t, 100))
	three, err := q.Draft(small)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Draft(small); !errors.Is(err, queue.ErrFull) {
		t.Errorf("a fourth: %v", err)
	}
	three.Drop()
	three.Drop()
	if _, err := q.Draft(small); err != nil {
		t.Error(err)
	}
	if _, err := q.Draft(small); !errors.Is(err, queue.ErrFull) {
		t.Errorf("room came back twice: %v", err)
	}
	if err := q.Commit(one, two); err != nil {
		t.Fatal(err)
	}
	run(t, q, v.line(nil))
	<-v.arrived
	<-v.arrived
	<-v.told
	if _, err := q.Draft(small); err != nil {
		t.Errorf("after delivery: %v", err)
	}
}

// Two requests for the same thing do not work side by side.
func TestOneThingIsHeldByOne(t *testing.T) {
	q := open(t, t.TempDir(), newClock())
	m := q.Mark("kobo", "form", "uuid")
	release, ok := q.Hold(m)
	if _, again := q.Hold(m); !ok || again {
		t.Fatal("it is held twice, or not at all")
	}
	release()
	if _, ok := q.Hold(m); !ok {
		t.Error("it is held for ever")
	}
}

func mustID(t *testing.T) id.ID {
	t.Helper()
	i, err := id.New(bytes.NewReader(noise(t, 16)))
	if err != nil {
		t.Fatal(err)
	}
	return i
}
