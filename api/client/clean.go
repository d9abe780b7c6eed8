package client

import (
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/cleanup"
)

// Why content is not cleaned: it is of a kind that cannot be, it is not whole, or
// something would stay in it.
var (
	ErrCleanKind   = cleanup.ErrKind
	ErrCleanBroken = cleanup.ErrBroken
	ErrCleanInside = cleanup.ErrInside
)

// Clean is the content of a picture or a recording without what the device wrote
// beside the picture and the sound (package cleanup says what exactly), and
// without the file's name, which often is a time. Nothing is decoded, nothing is
// written. It says nothing of what can be seen and heard.
//
// The content must be of a file or of memory, and stay as it is until it has been
// stored.
func Clean(content Content) (Content, error) {
	out, err := clean(content)
	if err != nil {
		return Content{}, fmt.Errorf("clean %s: %w", content.Info.Name, err)
	}
	return out, nil
}

// anywhere is content that can be read at any place.
type anywhere interface {
	io.ReaderAt
	io.Closer
}

func (c Content) openAnywhere() (anywhere, error) {
	if c.Open == nil {
		return nil, errors.New("the content cannot be opened")
	}
	r, err := c.Open()
	if err != nil {
		return nil, err
	}
	if a, ok := r.(anywhere); ok {
		return a, nil
	}
	return nil, errors.Join(errors.New("only a file or memory can be cleaned"), r.Close())
}

func clean(content Content) (Content, error) {
	src, err := content.openAnywhere()
	if err != nil {
		return Content{}, err
	}
	defer src.Close()
	plan, err := cleanup.Of(src, content.Size)
	if err != nil {
		return Content{}, err
	}
	out := content
	out.Info.Name, out.Size = "", plan.Size()
	out.Open = func() (io.ReadCloser, error) {
		src, err := content.openAnywhere()
		if err != nil {
			return nil, err
		}
		return reader{plan.Reader(src), src}, nil
	}
	return out, nil
}
