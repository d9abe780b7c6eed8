// Package rosa hands forms to ODK Collect and KoboCollect and takes them back filled
// in, unencrypted: what the vault itself refuses, and a partner's own machine may
// read. (OpenRosa Form Discovery and Form Submission APIs 1.0.)
//
// Promises: a collector's token is the only way in and stands in no log; a form that
// was filled in is taken whole, its XML and each file sealed while they come, and
// recognized when it or a part of it comes again, also over several posts; another
// content under the same id is a conflict. A phone is told in five languages what to
// do, and never what this is. 201 means that everything of the post lies sealed on
// the disk.
//
// Does not: decrypt. Encrypted forms belong to the vault, and are refused here.
package rosa

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/internal/gateway/door"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/openrosa/answer"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/secret"
)

// Collector is a phone, or somebody with one.
type Collector struct {
	Name  string
	Token secret.Bytes // stands in the address that the phone is set to
}

// Form is a form that is handed out.
type Form struct {
	Document   []byte
	Collectors []string
	To         queue.Destination
}

// Config is what the adapter works with.
type Config struct {
	Address    string // where phones reach the gateway: scheme and host
	Collectors []Collector
	Forms      []Form
}

// Forms answers phones.
type Forms struct {
	in      *intake.Intake
	cfg     Config
	about   []xform.Form
	phrases answer.Phrases
}

// New makes the adapter, and refuses what is no form.
func New(in *intake.Intake, cfg Config) (*Forms, error) {
	f := &Forms{in: in, cfg: cfg}
	var err error
	if f.phrases, err = answer.Load(); err != nil {
		return nil, err
	}
	for _, one := range cfg.Forms {
		about, err := xform.Describe(one.Document)
		if err != nil {
			return nil, err
		}
		f.about = append(f.about, about)
	}
	return f, nil
}

// Routes adds what the adapter answers.
func (f *Forms) Routes(add func(pattern string, handle http.HandlerFunc)) {
	add("GET /or/{token}/formList", f.known(f.list))
	add("GET /or/{token}/forms/{n}", f.known(f.document))
	add("GET /or/{token}/forms/{n}/manifest", f.known(f.manifest))
	add("HEAD /or/{token}/submission", f.known(f.greet))
	add("POST /or/{token}/submission", f.known(f.submit))
}

// known lets collectors in. Nobody is asked for credentials: Collect would show a
// dialog.
func (f *Forms) known(handle func(w http.ResponseWriter, r *http.Request, name string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-OpenRosa-Version", answer.Version)
		w.Header().Set("Cache-Control", "no-store")
		name := ""
		for _, c := range f.cfg.Collectors { // all of them: how long it takes tells nothing
			if door.Same(r.PathValue("token"), c.Token) {
				name = c.Name
			}
		}
		if name == "" {
			f.say(w, r, http.StatusForbidden, answer.Stranger)
			return
		}
		handle(w, r, name)
	}
}

// form gives the form of a number, if it is one of the collector's.
func (f *Forms) form(r *http.Request, collector string) (int, bool) {
	n, err := strconv.Atoi(r.PathValue("n"))
	return n, err == nil && n >= 0 && n < len(f.about) && slices.Contains(f.cfg.Forms[n].Collectors, collector)
}

func (f *Forms) list(w http.ResponseWriter, r *http.Request, collector string) {
	var out []answer.Form
	only := r.URL.Query().Get("formID")
	for n, a := range f.about {
		if !slices.Contains(f.cfg.Forms[n].Collectors, collector) || only != "" && only != a.ID {
			continue
		}
		url := fmt.Sprintf("%s/or/%s/forms/%d", f.cfg.Address, r.PathValue("token"), n)
		out = append(out, answer.Form{ID: a.ID, Name: a.Name, Version: a.Version, MD5: a.MD5, URL: url, Manifest: url + "/manifest"})
	}
	send(w, http.StatusOK, answer.List(out))
}

func (f *Forms) document(w http.ResponseWriter, r *http.Request, collector string) {
	n, ok := f.form(r, collector)
	if !ok {
		f.say(w, r, http.StatusNotFound, answer.Missing)
		return
	}
	send(w, http.StatusOK, f.cfg.Forms[n].Document)
}

func (f *Forms) manifest(w http.ResponseWriter, r *http.Request, collector string) {
	if _, ok := f.form(r, collector); !ok {
		f.say(w, r, http.StatusNotFound, answer.Missing)
		return
	}
	send(w, http.StatusOK, answer.NoFiles())
}

// greet answers the request with which phones begin: exactly 204.
func (f *Forms) greet(w http.ResponseWriter, _ *http.Request, _ string) {
	w.Header().Set("X-OpenRosa-Accept-Content-Length", strconv.FormatInt(f.in.Largest, 10))
	w.WriteHeader(http.StatusNoContent)
}

func (f *Forms) submit(w http.ResponseWriter, r *http.Request, collector string) {
	body := f.in.Body(w, r)
	err := f.take(body, r.Header.Get("Content-Type"), collector)
	if err == nil {
		f.say(w, r, http.StatusCreated, answer.Taken)
		return
	}
	status := f.status(err)
	if status >= 500 && f.in.Tell != nil {
		f.in.Tell(err)
	}
	// The phone hears an answer only when it has sent everything.
	_, _ = io.CopyN(io.Discard, body, f.in.Largest)
	f.say(w, r, status, kinds()[status])
}

func kinds() map[int]answer.Kind {
	return map[int]answer.Kind{http.StatusBadRequest: answer.Refused, http.StatusNotFound: answer.Missing, http.StatusConflict: answer.Other,
		http.StatusRequestEntityTooLarge: answer.Large, http.StatusRequestTimeout: answer.Later, http.StatusServiceUnavailable: answer.Later}
}

// say answers with a message in the phone's language.
func (f *Forms) say(w http.ResponseWriter, r *http.Request, status int, kind answer.Kind) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	send(w, status, f.phrases.Message(language(r.Header.Get("Accept-Language")), kind))
}

// language is the first that is asked for among those there are.
func language(asked string) string {
	for _, one := range strings.Split(asked, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(one), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(forms.Languages(), base) {
			return base
		}
	}
	return "en"
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", answer.Media)
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a phone that has gone is told nothing
}
