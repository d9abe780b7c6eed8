package faulttest_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/linetest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// sample is a small testimony in Arabic, as it is typed.
const sample = "../samples/testdata/testimony-ar.txt"

// arabic is it as content.
func arabic(t *testing.T) client.Content {
	t.Helper()
	b, err := os.ReadFile(sample)
	must(t, err)
	return client.Bytes("testimony-ar.txt", "text/plain; charset=utf-8", b)
}

// kept is a transport through a line that keeps its connection, as the client's
// own does.
func kept(t *testing.T, addr string) *http.Transport {
	base := through(addr)
	base.DisableKeepAlives = false
	t.Cleanup(base.CloseIdleConnections)
	return base
}

// A small testimony comes through a network of the second generation that loses
// every fifth packet: in few turns, for each costs the better part of a second
// there, and in few bytes.
func TestASmallTestimonyComesThroughTheWorstNetwork(t *testing.T) {
	t.Parallel()
	const faster = 20 // the model's time; it is the turns that count
	w := begin(t)
	o := w.woman()
	line, err := linetest.StartMobile(w.Addr(), linetest.SecondGeneration(1).Faster(faster))
	must(t, err)
	t.Cleanup(func() { must(t, line.Stop()) })
	c, err := w.Client(o.Keys, kept(t, line.Addr))
	must(t, err)

	began := time.Now()
	_, err = c.Create(t.Context(), client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{arabic(t)}})
	must(t, err)
	turns, conns, up, down := line.Used()
	t.Logf("%s in the model's time: %d turns, %d connections, %d bytes up, %d down", time.Since(began)*faster, turns, conns, up, down)
	if turns > 7 || conns > 1 || up+down > 48<<10 {
		t.Errorf("%d turns on %d connections with %d bytes: that is too much for such a line", turns, conns, up+down)
	}
	list, err := o.Check(t.Context())
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%d testimonies", len(list))
	}
}

// A recording comes through it, and what is taken back is.
func TestARecordingComesThroughTheWorstNetwork(t *testing.T) {
	t.Parallel()
	w := begin(t)
	o := w.told(0)
	line, err := linetest.StartMobile(w.Addr(), linetest.SecondGeneration(2).Faster(100))
	must(t, err)
	t.Cleanup(func() { must(t, line.Stop()) })
	c, err := w.Client(o.Keys, kept(t, line.Addr))
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = c.AddPart(ctx, o.testimony, faulttest.Content(large, 8))
	must(t, err)
	_, err = c.Revoke(ctx, o.testimony, o.grant)
	must(t, err)
	if list, err := o.Check(ctx); err != nil || list[0].Parts != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

// The command line does no more than it has to on such a line, for somebody of whom
// it knows nothing but the words: beside what the testimony takes, it asks who the
// stewards are, whether anybody claims her account, and what her silence means.
func TestTheCommandLineIsSparingWithABadLine(t *testing.T) {
	t.Parallel()
	const faster = 20
	var line *linetest.Mobile
	cli := vaulttest.Program(t, "testimony")
	w := beginWith(t, daemontest.Config{Program: os.Getenv(program), Dir: filepath.Join(t.TempDir(), "vault")}, func(d *daemontest.Daemon) (err error) {
		line, err = linetest.StartMobile(d.Addr(), linetest.SecondGeneration(3).Faster(faster))
		d.Set("origins=" + d.Origin() + ",http://" + line.Addr)
		return err
	})
	t.Cleanup(func() { must(t, line.Stop()) })
	words := filepath.Join(t.TempDir(), "words")
	testimony := func(server string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), cli, args...)
		cmd.Env = []string{"TESTIMONY_SERVER=" + server, "TESTIMONY_VAULT=" + w.People.Vault().String(), "TESTIMONY_WORDS_FILE=" + words, "HOME=" + t.TempDir()}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("testimony %s: %v\n%s", args, err, out)
		}
	}
	testimony(w.Origin(), "enrol", "--words-out", words)
	began := time.Now()
	testimony("http://"+line.Addr, "add", "new", sample, "--title", "شهادة")
	turns, conns, up, down := line.Used()
	t.Logf("%s in the model's time: %d turns, %d connections, %d bytes up, %d down", time.Since(began)*faster, turns, conns, up, down)
	if turns > 9 || conns > 1 || up+down > 48<<10 {
		t.Errorf("%d turns on %d connections with %d bytes: that is too much for such a line", turns, conns, up+down)
	}
}
