package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/envelope"
)

// PartInfo describes a part; it travels sealed inside the part's container.
type PartInfo = envelope.PartInfo

// Content is the plaintext of one part and what is to be said of it.
type Content struct {
	Info PartInfo
	// Label is the name she gives the part in her list, sealed in the card; empty
	// for none.
	Label string
	// Size is the length in bytes, at most about 8 GiB.
	Size int64
	// Open gives the content from its first byte. It may be called more than once,
	// and what it gives must stay the same until the content is stored. Where it is
	// an io.Seeker, a broken upload goes on without reading what has arrived.
	Open func() (io.ReadCloser, error)
	// Watch is told how much of the sealed content has been sent; nil for nobody.
	// It is called for content that does not fit into one request.
	Watch Watch
}

// File is the content of a regular file, under the file's own name without its
// folder. The media type is told by the name's extension or else by the first
// bytes.
func File(path string) (Content, error) {
	c, err := file(path)
	if err != nil {
		return Content{}, fmt.Errorf("take the file: %w", err)
	}
	return c, nil
}

func file(path string) (Content, error) {
	f, err := os.Open(path)
	if err != nil {
		return Content{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Content{}, err
	}
	if !info.Mode().IsRegular() {
		return Content{}, errors.New("it is not a regular file")
	}
	media, err := mediaType(path, f)
	if err != nil {
		return Content{}, err
	}
	return Content{
		Info: PartInfo{MediaType: media, Name: filepath.Base(path), Kind: envelope.Original},
		Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// Bytes is content held in memory. An empty media type is told by the name or
// the first bytes.
func Bytes(name, media string, b []byte) Content {
	if media == "" {
		media, _ = mediaType(name, bytes.NewReader(b)) // reading memory does not fail
	}
	return Content{
		Info: PartInfo{MediaType: media, Name: name, Kind: envelope.Original},
		Size: int64(len(b)),
		Open: func() (io.ReadCloser, error) { return memory{bytes.NewReader(b)}, nil },
	}
}

// memory is content that needs no closing, and can be read at any place.
type memory struct{ *bytes.Reader }

// Close implements io.Closer.
func (memory) Close() error { return nil }

// mediaType does not ask the operating system, whose answer differs from one
// machine to the next.
func mediaType(name string, r io.Reader) (string, error) {
	if m := byExtension(strings.ToLower(filepath.Ext(name))); m != "" {
		return m, nil
	}
	b := make([]byte, 512)
	n, err := io.ReadFull(r, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("read its beginning: %w", err)
	}
	return http.DetectContentType(b[:n]), nil
}

// byExtension knows what phones and recorders write.
func byExtension(ext string) string {
	switch ext {
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".pdf":
		return "application/pdf"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".heic":
		return "image/heic"
	case ".ogg", ".oga", ".opus":
		return "audio/ogg"
	case ".m4a":
		return "audio/mp4"
	case ".mp3":
		return "audio/mpeg"
	case ".wav":
		return "audio/wav"
	case ".amr":
		return "audio/amr"
	case ".weba":
		return "audio/webm"
	case ".webm":
		return "video/webm"
	case ".mp4":
		return "video/mp4"
	case ".mov":
		return "video/quicktime"
	case ".3gp":
		return "video/3gpp"
	}
	return ""
}

// payloadSize is the length of the sealed payload of a content, known before
// the first byte of it is read.
func (c Content) payloadSize() (int64, error) {
	if c.Open == nil {
		return 0, errors.New("the content cannot be opened")
	}
	size, err := envelope.ContainerSize(c.Info, c.Size)
	if err != nil {
		return 0, err
	}
	return envelope.PayloadSize(size), nil
}

// container opens the content inside its container.
func (c Content) container() (io.ReadCloser, error) {
	r, err := c.Open()
	if err != nil {
		return nil, fmt.Errorf("open the content: %w", err)
	}
	contained, err := envelope.Contain(c.Info, r, c.Size)
	if err != nil {
		r.Close()
		return nil, err
	}
	return reader{contained, r}, nil
}

// reader reads from one thing and closes another.
type reader struct {
	io.Reader
	io.Closer
}
