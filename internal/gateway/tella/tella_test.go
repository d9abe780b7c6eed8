package tella_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

const photo = "7b7a2a0e-6f0f-4c6f-9d0e-3f1c2b4a5d6e.jpg"

// A report with its files comes through as the app sends it, sealed to the one the
// project is for, and only she can tell that the items were one report.
func TestAReportComesThrough(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if a.version != "1.4.0" {
		t.Errorf("version %q", a.version)
	}
	content := noise(t, 1_234_567)
	if err := a.submit("ما حدث", "في آذار"); err != nil {
		t.Fatal(err)
	}
	if err := a.upload(photo, "image/jpeg", content); err != nil {
		t.Fatal(err)
	}
	items := g.Items()
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	file, words := items[0], items[1]
	if !bytes.Equal(file.Content, content) || file.Info.MediaType != "image/jpeg" || !strings.HasSuffix(file.Info.Name, photo) || file.To != "amal" {
		t.Errorf("the file: %+v, %d bytes", file.Info, len(file.Content))
	}
	if string(words.Content) != "ما حدث\n\nفي آذار\n" || words.Info.Name[:15] != file.Info.Name[:15] {
		t.Errorf("the words: %+v %s", words.Info, words.Content)
	}
	g.Nothing()
}

// However the chunks fall, the file is whole: of one byte, of one byte behind a
// chunk's end, and of exactly a chunk.
func TestEveryLengthComesThrough(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	a.chunk = 1000
	if err := a.submit("x", ""); err != nil {
		t.Fatal(err)
	}
	for i, n := range []int{1, 2, 999, 1000, 1001, 1999, 2000, 5000} {
		content, name := noise(t, n), fmt.Sprintf("%d-of-many.mp4", i)
		if err := a.upload(name, "video/mp4", content); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if held, err := a.held(name); err != nil || held != int64(n) {
			t.Errorf("%d bytes: %d held, %v", n, held, err)
		}
		if got := g.Items()[i].Content; !bytes.Equal(got, content) {
			t.Errorf("%d bytes came as %d", n, len(got))
		}
	}
}

// A line that breaks in the middle of a chunk, again and again, costs only what was
// on it.
func TestABrokenLineGoesOnWhereItBroke(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	content := noise(t, 600_000)
	for _, send := range []func() error{
		func() error { return a.upload("new.mp4", "video/mp4", content) },
		func() error { return a.old("old.mp4", content) },
	} {
		breaks := []int64{150_000, 150_000, 390_000}
		a.cut = func(at int64) bool {
			if len(breaks) > 0 && at >= breaks[0] {
				breaks = breaks[1:]
				return true
			}
			return false
		}
		for n := 0; ; n++ {
			if err := send(); err == nil {
				break
			} else if n == 20 {
				t.Fatal(err)
			}
		}
	}
	for _, i := range g.Items()[:2] {
		if !bytes.Equal(i.Content, content) || i.Info.MediaType != "video/mp4" {
			t.Errorf("%s is not what was sent", i.Info.Name)
		}
	}
	g.Nothing()
}

// When the gateway ends in the middle of a file, HEAD answers 0, and the file begins
// anew; files and reports that were acknowledged are known, and the token is good.
func TestARestartBeginsAnUnfinishedFileAnew(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	done, half := noise(t, 50_000), noise(t, 500_000)
	if err := a.upload("done.jpg", "image/jpeg", done); err != nil {
		t.Fatal(err)
	}
	a.cut = func(at int64) bool { return at >= 250_000 }
	if err := a.upload("half.jpg", "image/jpeg", half); err == nil {
		t.Fatal("the line did not break")
	}
	if held, err := a.held("half.jpg"); err != nil || held < 150_000 {
		t.Errorf("before: %d held, %v", held, err)
	}
	g.restart()
	a.cut = nil
	if held, err := a.held("half.jpg"); err != nil || held != 0 {
		t.Errorf("after: %d held, %v", held, err)
	}
	if held, err := a.held("done.jpg"); err != nil || held != 50_000 {
		t.Errorf("after: %d held of what was done, %v", held, err)
	}
	// A chunk from the middle, by an app that did not ask, is a conflict.
	resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/half.jpg", bytes.NewReader(half[250_000:350_000]), map[string]string{"Content-Range": "bytes 250000-349999/500000"})
	if err != nil || resp.StatusCode != http.StatusConflict {
		t.Errorf("%v, %v", resp, err)
	}
	a.patiently(t, "half.jpg", "image/jpeg", half)
	items := g.Items()
	if len(items) != 3 || !bytes.Equal(items[1].Content, half) {
		t.Errorf("%d items", len(items))
	}
}

// When the answer to the last chunk is lost, the app comes again: with the chunk,
// with all of it, or asking HEAD. It is told that the file is safe, and there is one
// item, also when the vault has received it meanwhile.
func TestALostAnswerDoublesNothing(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	content := noise(t, 250_000)
	if err := a.upload(photo, "image/jpeg", content); err != nil {
		t.Fatal(err)
	}
	again := func() {
		t.Helper()
		for from := int64(0); from < 250_000; from += 99_999 {
			end := min(from+100_000, 250_000) - 1
			resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/"+photo, bytes.NewReader(content[from:end+1]), map[string]string{"Content-Range": fmt.Sprintf("bytes %d-%d/250000", from, end)})
			if err != nil || (end == 249_999) == (resp.StatusCode == 206) || resp.StatusCode > 299 {
				t.Errorf("%d-%d: %v, %v", from, end, resp, err)
			}
		}
		if err := a.old(photo, content); err != nil {
			t.Error(err)
		}
		resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/"+photo, bytes.NewReader(content[:10]), map[string]string{"Content-Range": "bytes 0-9/10"})
		if err != nil || resp.StatusCode != http.StatusConflict {
			t.Errorf("another file of the same name: %v, %v", resp, err)
		}
	}
	again()
	if n := len(g.Items()); n != 2 {
		t.Errorf("%d items", n)
	}
	g.Deliver()
	g.restart()
	again()
	if n := len(g.Items()); n != 0 {
		t.Errorf("%d items after delivery", n)
	}
	before := a.report
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	if err := a.submit("x", "y"); err != nil || a.report == before || len(g.Items()) != 1 {
		t.Errorf("a report whose answer was lost: %v, %d items", err, len(g.Items()))
	}
}

// HEAD says the whole size of nothing that is not safe: the app would forget it.
func TestHeadPromisesNothingTooEarly(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	var seen atomic.Int64
	body, line := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, _, err := a.do("PUT", "/file/v2/"+a.report+"/one.mp4", body, map[string]string{"Content-Range": "bytes 0-299999/300000", "Content-Length": "300000"})
		sent <- err
	}()
	content := noise(t, 300_000)
	if _, err := line.Write(content[:299_999]); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		n, err := a.held("one.mp4")
		if err != nil || n >= 300_000 {
			t.Fatalf("%d held of an unfinished file, %v", n, err)
		}
		seen.Store(max(seen.Load(), n))
	}
	if _, err := line.Write(content[299_999:]); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if n, err := a.held("one.mp4"); err != nil || n != 300_000 {
		t.Errorf("%d held, %v", n, err)
	}
}

// A phone that comes back while its old line hangs takes its place.
func TestANewLineTakesOverFromOneThatHangs(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	content := noise(t, 200_000)
	body, line := io.Pipe()
	hung := make(chan int, 1)
	go func() {
		resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/one.mp4", body, map[string]string{"Content-Range": "bytes 0-99999/200000", "Content-Length": "100000"})
		if err != nil {
			hung <- 0
			return
		}
		hung <- resp.StatusCode
	}()
	if _, err := line.Write(content[:70_000]); err != nil {
		t.Fatal(err)
	}
	for held := int64(0); held == 0; { // until the first line has come through; the test's own time is the bound
		var err error
		if held, err = a.held("one.mp4"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.upload("one.mp4", "video/mp4", content); err != nil {
		t.Fatal(err)
	}
	_ = line.CloseWithError(errCut)
	if status := <-hung; status != 0 && status < 400 {
		t.Errorf("the old line was told %d", status)
	}
	if !bytes.Equal(g.Items()[0].Content, content) {
		t.Error("it is not what was sent")
	}
}

// A file that changed under its name is not sewn to what is held of the old one.
func TestAChangedFileIsNotSewnTogether(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	one, two := bytes.Repeat([]byte{1}, 300_000), bytes.Repeat([]byte{2}, 300_000)
	put := func(content []byte, from, to int) int {
		t.Helper()
		resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/x.mp4", bytes.NewReader(content[from:to+1]), map[string]string{"Content-Range": fmt.Sprintf("bytes %d-%d/%d", from, to, len(content))})
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	if s := put(one, 0, 99_999); s != 206 {
		t.Fatal(s)
	}
	if s := put(two, 99_999, 199_999); s != http.StatusConflict {
		t.Errorf("another byte in the overlap: %d", s)
	}
	if held, err := a.held("x.mp4"); err != nil || held != 0 {
		t.Errorf("%d held of two files, %v", held, err)
	}
	if s := put(one, 0, 99_999); s != 206 {
		t.Error(s)
	}
	if s := put(two[:200_000], 99_999, 150_000); s != http.StatusConflict {
		t.Errorf("another length in the middle: %d", s)
	}
	if s := put(two[:200_000], 0, 199_999); s != http.StatusCreated {
		t.Errorf("another file from its beginning: %d", s)
	}
	if i := g.Items()[1]; !bytes.Equal(i.Content, two[:200_000]) {
		t.Errorf("%d bytes", len(i.Content))
	}
	g.Nothing()
}
