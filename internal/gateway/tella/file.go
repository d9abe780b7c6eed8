package tella

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// file is the file that a request is about.
type file struct {
	project Project
	report  string
	name    string
	mark    queue.Mark
}

func (t *Reports) file(r *http.Request, user string) (file, error) {
	f := file{report: r.PathValue("report"), name: r.PathValue("name")}
	var err error
	if f.project, err = t.of(f.report, user); err != nil {
		return f, err
	}
	if !plainName(f.name) {
		return f, fmt.Errorf("%w: the file's name", intake.ErrBad)
	}
	f.mark = t.in.Queue.Mark("tella", f.report, f.name)
	return f, nil
}

// plainName accepts what can be a name inside an item. The app's are a UUID and an
// ending.
func plainName(s string) bool {
	return s != "" && len(s) <= 200 && utf8.ValidString(s) && !strings.ContainsAny(s, `/\`) && !strings.HasPrefix(s, ".") &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

// status answers HEAD: how many bytes are held. The whole size stands there only
// when the file is safe, for then the app forgets it.
func (t *Reports) status(w http.ResponseWriter, r *http.Request, user string) error {
	f, err := t.file(r, user)
	if err != nil {
		return err
	}
	size := int64(0)
	if total, ok := t.in.Queue.Known(f.mark); ok {
		size = int64(total)
	} else if u := t.uploads.find(f); u != nil {
		size = min(u.held.Load(), u.total-1)
	}
	w.Header().Set("size", strconv.FormatInt(size, 10))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

// chunk takes a part of a file (v2).
func (t *Reports) chunk(w http.ResponseWriter, r *http.Request, user string) error {
	f, err := t.file(r, user)
	if err != nil {
		return err
	}
	values := r.Header.Values("Content-Range")
	if len(values) != 1 {
		return fmt.Errorf("%w: a chunk without its range", intake.ErrBad)
	}
	c, err := ParseRange(values[0])
	if err != nil || r.ContentLength >= 0 && r.ContentLength != c.Size() {
		return fmt.Errorf("%w: the range of a chunk", intake.ErrBad)
	}
	return t.take(w, r, f, c)
}

// whole takes the rest of a file, from what HEAD has said on (before v2).
func (t *Reports) whole(w http.ResponseWriter, r *http.Request, user string) error {
	f, err := t.file(r, user)
	if err != nil {
		return err
	}
	if r.ContentLength < 0 {
		return fmt.Errorf("%w: a file without its length", intake.ErrBad)
	}
	if total, ok := t.in.Queue.Known(f.mark); ok {
		return t.rest(w, r, int64(total))
	}
	c := Chunk{Total: r.ContentLength}
	if u := t.uploads.find(f); u != nil && r.ContentLength <= u.total {
		c.From, c.Total = u.total-r.ContentLength, u.total
	}
	c.To = c.Total - 1
	if c.Total == 0 {
		return fmt.Errorf("%w: an empty file", intake.ErrBad)
	}
	return t.take(w, r, f, c)
}

// rest answers what is sent of a file that is safe: the answer got lost, and the
// app sends what HEAD has told it is missing, which is nothing, or all of it again.
func (t *Reports) rest(w http.ResponseWriter, r *http.Request, total int64) error {
	if r.ContentLength > total {
		return fmt.Errorf("%w: a file of this name has another length", intake.ErrOther)
	}
	if _, err := io.Copy(io.Discard, t.in.Body(w, r)); err != nil {
		return intake.Broken(err)
	}
	intake.Answer(w, http.StatusCreated, nil)
	return nil
}

// closed answers the request with which the older app ends a file.
func (t *Reports) closed(w http.ResponseWriter, r *http.Request, user string) error {
	f, err := t.file(r, user)
	if err != nil {
		return err
	}
	if _, ok := t.in.Queue.Known(f.mark); !ok {
		return fmt.Errorf("%w: the file has not come to its end", intake.ErrOther)
	}
	intake.Answer(w, http.StatusCreated, nil)
	return nil
}

func (t *Reports) take(w http.ResponseWriter, r *http.Request, f file, c Chunk) error {
	if c.Total > t.in.Largest {
		return queue.ErrTooLarge
	}
	held, err := t.uploads.take(f, c, mediaType(r.Header.Get("Content-Type"), f.name), t.in.Body(w, r))
	if err != nil {
		return err
	}
	if held < c.Total {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", held-1))
		intake.Answer(w, http.StatusPartialContent, nil)
		return nil
	}
	intake.Answer(w, http.StatusCreated, nil)
	return nil
}

// mediaType is what the app says of a file, or else what its ending says.
func mediaType(said, name string) string {
	media, _, err := mime.ParseMediaType(said)
	if err == nil && strings.Contains(media, "/") && len(media) <= 100 && media != "application/octet-stream" {
		return media
	}
	if known, ok := endings()[strings.ToLower(path.Ext(name))]; ok {
		return known
	}
	return "application/octet-stream"
}

// endings are those of what phones record.
func endings() map[string]string {
	return map[string]string{".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".heic": "image/heic", ".webp": "image/webp", ".gif": "image/gif",
		".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".3gp": "video/3gpp", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac",
		".wav": "audio/wav", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".txt": "text/plain", ".csv": "text/csv", ".pdf": "application/pdf"}
}

func (f file) info(media string) envelope.PartInfo {
	return envelope.PartInfo{MediaType: media, Name: sealedName(f.report, f.name), Kind: envelope.Original}
}
