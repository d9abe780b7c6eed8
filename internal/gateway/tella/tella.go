package tella

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/door"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/recent"
	"github.com/relatingfield/vault/internal/secret"
)

// version is what the app is told of the server: from 1.4.0 on it sends chunks.
const version = "1.4.0"

// User is somebody whose phone sends reports.
type User struct {
	Name     string
	Password secret.Bytes
}

// Project is what reports are sent to.
type Project struct {
	Slug  string // also its id
	Name  string // as it shows on the phone: neutral words
	Users []string
	To    queue.Destination
}

// Config is what the adapter works with.
type Config struct {
	Users    []User
	Projects []Project
	Uploads  int           // files that may be under way at a time
	Idle     time.Duration // after which an unfinished file is given up
	Rand     io.Reader     // cryptographically secure
}

// Reports answers the app.
type Reports struct {
	in       *intake.Intake
	cfg      Config
	ids      secret.Bytes // authenticates report ids
	tokens   map[string]secret.Bytes
	guards   map[string]*door.Guard // by user; "" for names that there are not
	uploads  *uploads
	repeated *recent.Memory[[sha256.Size]byte, report] // of this process, for answers that got lost
}

// report is one that was taken.
type report struct {
	id string
	at time.Time
}

// repeats is for how long an equal report of the same user is taken for a
// repetition of a request whose answer got lost.
const repeats = 10 * time.Minute

// New makes the adapter.
func New(in *intake.Intake, cfg Config) (*Reports, error) {
	t := &Reports{in: in, cfg: cfg, tokens: map[string]secret.Bytes{}, guards: map[string]*door.Guard{"": door.NewGuard(in.Now)},
		uploads: newUploads(in, cfg), repeated: recent.New[[sha256.Size]byte, report](256)}
	var err error
	if t.ids, err = in.Queue.Key("tella/report-ids"); err != nil {
		return nil, err
	}
	key, err := in.Queue.Key("tella/tokens")
	if err != nil {
		return nil, err
	}
	for _, u := range cfg.Users {
		t.tokens[u.Name], t.guards[u.Name] = door.Token(key, u.Name, u.Password), door.NewGuard(in.Now)
	}
	return t, nil
}

// Routes adds what the adapter answers. Tella wants to be at the root of a host.
func (t *Reports) Routes(add func(pattern string, handle http.HandlerFunc)) {
	add("POST /login", t.login)
	add("POST /login/", t.login)
	add("GET /p/{slug}", t.signedIn(t.project))
	add("POST /project/{project}", t.signedIn(t.report))
	add("HEAD /file/{report}/{name}", t.signedIn(t.status))
	add("PUT /file/{report}/{name}", t.signedIn(t.whole))
	add("POST /file/{report}/{name}", t.signedIn(t.closed))
	add("PUT /file/v2/{report}/{name}", t.signedIn(t.chunk))
}

// Sweep gives up files that have stood still for too long.
func (t *Reports) Sweep() { t.uploads.sweep(t.cfg.Idle) }

// Close gives up all files under way.
func (t *Reports) Close() { t.uploads.sweep(-1) }

type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// user is what iOS wants to read of one; nothing of it says more than the request.
type user struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Role      string `json:"role"`
	CreatedAt string `json:"createdAt"`
}

func (t *Reports) login(w http.ResponseWriter, r *http.Request) {
	var l login
	b, err := io.ReadAll(io.LimitReader(t.in.Body(w, r), 4<<10))
	if err != nil || jsonv2.Unmarshal(b, &l) != nil {
		t.in.Fail(w, intake.ErrBad)
		return
	}
	g, ok := t.guards[l.Username]
	if !ok || l.Username == "" {
		g = t.guards[""]
	}
	if wait := g.Wait(); wait > 0 {
		intake.Wait(w, wait)
		return
	}
	i := slices.IndexFunc(t.cfg.Users, func(u User) bool { return u.Name == l.Username })
	password := secret.Bytes{}
	if i >= 0 {
		password = t.cfg.Users[i].Password
	}
	if !door.Same(l.Password, password) {
		g.Wrong()
		t.in.Fail(w, intake.ErrWrong)
		return
	}
	intake.Answer(w, http.StatusCreated, struct {
		Token   string `json:"access_token"`
		Version string `json:"version"`
		User    user   `json:"user"`
	}{string(t.tokens[l.Username].Reveal()), version, user{l.Username, l.Username, "reporter", "1970-01-01T00:00:00.000Z"}})
}

// signedIn lets those in whose token is good.
func (t *Reports) signedIn(handle func(w http.ResponseWriter, r *http.Request, user string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given, ok := door.Bearer(r)
		name := ""
		for user, token := range t.tokens { // all of them: how long it takes tells nothing
			if door.Same(given, token) {
				name = user
			}
		}
		if !ok || name == "" {
			t.in.Fail(w, intake.ErrWrong)
			return
		}
		if err := handle(w, r, name); err != nil {
			t.in.Fail(w, err)
		}
	}
}

// find gives a project that the user may send to.
func (t *Reports) find(slug, user string) (Project, error) {
	for _, p := range t.cfg.Projects {
		if p.Slug == slug && slices.Contains(p.Users, user) {
			return p, nil
		}
	}
	return Project{}, intake.ErrUnknown
}

func (t *Reports) project(w http.ResponseWriter, r *http.Request, user string) error {
	p, err := t.find(r.PathValue("slug"), user)
	if err != nil {
		return err
	}
	intake.Answer(w, http.StatusOK, struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Slug string `json:"slug"`
	}{p.Slug, p.Name, p.Slug})
	return nil
}

// report takes the words of a report, as an item of their own.
func (t *Reports) report(w http.ResponseWriter, r *http.Request, user string) error {
	p, err := t.find(r.PathValue("project"), user)
	if err != nil {
		return err
	}
	body, err := t.in.Whole(w, r)
	if err != nil {
		return err
	}
	defer clear(body)
	text, err := ParseReport(body)
	if err != nil {
		return fmt.Errorf("%w: %w", intake.ErrBad, err)
	}
	defer clear(text)
	same := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %s", len(user), user, p.Slug, text))
	if before, ok := t.repeated.Get(same); ok && t.in.Now().Sub(before.at) < repeats {
		intake.Answer(w, http.StatusCreated, created{before.id})
		return nil
	}
	made, err := t.newID(p, user)
	if err != nil {
		return err
	}
	if err := t.keep(p, made, text); err != nil {
		return err
	}
	t.repeated.Put(same, report{made, t.in.Now()})
	intake.Answer(w, http.StatusCreated, created{made})
	return nil
}

type created struct {
	ID string `json:"id"`
}

func (t *Reports) keep(p Project, report string, text []byte) error {
	d, err := t.in.Queue.Draft(queue.Content{To: p.To, Size: int64(len(text)), Info: envelope.PartInfo{MediaType: "text/plain; charset=utf-8",
		Name: sealedName(report, "report.txt"), Kind: envelope.Original}})
	if err != nil {
		return err
	}
	if _, err := d.Write(text); err != nil {
		d.Drop()
		return err
	}
	if err := d.Finish(); err != nil {
		return err
	}
	return t.in.Queue.Commit(d)
}

// ParseReport reads a report's title and description, and gives the text that is
// kept: the title, an empty line, the description.
func ParseReport(body []byte) ([]byte, error) {
	var in struct {
		Title       *string `json:"title"`
		Description *string `json:"description"`
	}
	if err := jsonv2.Unmarshal(body, &in); err != nil {
		return nil, errors.New("not a report")
	}
	var parts []string
	for _, s := range []*string{in.Title, in.Description} {
		if s != nil && strings.TrimSpace(*s) != "" {
			parts = append(parts, *s)
		}
	}
	if len(parts) == 0 {
		return nil, errors.New("a report without words")
	}
	return []byte(strings.Join(parts, "\n\n") + "\n"), nil
}

// sealedName is the name inside an item. It tells its recipient which items were one
// report; nobody else sees it.
func sealedName(report, name string) string { return "report-" + report[:8] + "-" + name }

const (
	idSize  = 16 // random
	tagSize = 16
)

var spelling = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newID makes the id of a report: random, and bound to project and user.
func (t *Reports) newID(p Project, user string) (string, error) {
	b := make([]byte, idSize)
	if _, err := io.ReadFull(t.cfg.Rand, b); err != nil {
		return "", fmt.Errorf("draw a report's id: %w", err)
	}
	return spelling.EncodeToString(append(b, t.tag(b, p.Slug, user)...)), nil
}

func (t *Reports) tag(random []byte, slug, user string) []byte {
	mac := hmac.New(sha256.New, t.ids.Reveal())
	mac.Write(random)
	fmt.Fprintf(mac, "%d %s %s", len(slug), slug, user)
	return mac.Sum(nil)[:tagSize]
}

// of is the project of a report's id, if it is one of this user's.
func (t *Reports) of(id, user string) (Project, error) {
	b, err := spelling.DecodeString(id)
	if err != nil || len(b) != idSize+tagSize || spelling.EncodeToString(b) != id {
		return Project{}, intake.ErrUnknown
	}
	for _, p := range t.cfg.Projects {
		if slices.Contains(p.Users, user) && hmac.Equal(b[idSize:], t.tag(b[:idSize], p.Slug, user)) {
			return p, nil
		}
	}
	return Project{}, intake.ErrUnknown
}
