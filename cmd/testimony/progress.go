package main

import (
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/api/client"
)

const (
	barWidth    = 24
	redrawAfter = 100 * time.Millisecond
)

// bar shows how far long work is, to somebody who looks at a terminal.
type bar struct {
	p     *program
	label string
	drawn time.Time
}

// watch makes a bar, or nothing where nobody looks.
func (p *program) watch(label string) client.Watch {
	if !p.err.terminal || p.json {
		return nil
	}
	b := &bar{p: p, label: label}
	return b.show
}

func (b *bar) show(done, total int64) {
	now := b.p.now()
	if total == 0 || done < total && now.Sub(b.drawn) < redrawAfter {
		return
	}
	b.drawn = now
	full := int(barWidth * done / total)
	text := fmt.Sprintf("\r  [%-*s] %3d %%  %s of %s  %s\x1b[K", barWidth, "########################"[:full], 100*done/total, size(done), size(total), line(b.label))
	if done == total {
		text = "\r\x1b[K" // the bar has done its work
	}
	b.p.err.write(text)
}

// counted makes a content that tells how much of it has been read.
func (p *program) counted(content client.Content) client.Content {
	watch := p.watch("")
	if watch == nil {
		return content
	}
	open := content.Open
	content.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		return &counting{r, watch, 0, content.Size}, nil
	}
	return content
}

type counting struct {
	io.ReadCloser
	watch       client.Watch
	done, total int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.done += int64(n)
	c.watch(c.done, c.total)
	return n, err
}

// size writes a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}
