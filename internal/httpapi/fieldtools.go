package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/answer"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
	"github.com/relatingfield/vault/internal/tray"
)

// FieldTools are the routes that phones with ODK Collect and KoboCollect speak
// OpenRosa to. They have rules of their own: exactly 204 to HEAD and 201 to POST,
// any other success is a failure there; XML, and no problem documents; no challenge,
// which would make the phone ask for a password; messages that say nothing of what
// this is. What a phone sends of itself (deviceID, Date) is not read.
type FieldTools struct {
	Intake   *openrosa.Intake
	Place    FieldPlace
	PostSize int64 // what phones are asked to keep a post below
}

// FieldPlace is where phones find the vault.
type FieldPlace struct {
	Origin  string   // an address for phones alone; empty: any of Origins
	Origins []string // where people find it
}

// fieldPath begins the path of every route for phones; a token comes next.
const fieldPath = "/or/"

// Headers of OpenRosa.
const (
	headerOpenRosa = "X-OpenRosa-Version"
	headerAccept   = "X-OpenRosa-Accept-Content-Length"
)

// Routes lists them.
func (f *FieldTools) Routes() []Route {
	const at = fieldPath + "{token}"
	most := int64(0)
	if f.Intake != nil {
		most = f.Intake.Limits.PostSize
	}
	return []Route{
		{Method: "GET", Path: at + "/formList", Auth: Anybody, Toll: flood.Phone, Handler: f.speak(f.list)},
		{Method: "GET", Path: at + "/forms/{form}", Auth: Anybody, Toll: flood.Phone, Handler: f.speak(f.form)},
		{Method: "GET", Path: at + "/forms/{form}/manifest", Auth: Anybody, Toll: flood.Phone, Handler: f.speak(f.manifest)},
		{Method: "HEAD", Path: at + "/submission", Begins: true, Auth: Anybody, Toll: flood.Phone, Handler: f.speak(f.ask)},
		{Method: "POST", Path: at + "/submission", Begins: true, Auth: Anybody, Toll: flood.Phone, Body: most, Handler: f.speak(f.submit)},
	}
}

// base is the address that the request came to, as one of those there are: what a
// stranger writes as Host goes nowhere.
func (p FieldPlace) base(r *Request) string {
	if p.Origin != "" {
		return p.Origin
	}
	i := slices.IndexFunc(p.Origins, func(o string) bool { _, host, _ := strings.Cut(o, "://"); return host == r.echo.Request().Host })
	return p.Origins[max(i, 0)]
}

// apart tells whether a request does not belong at the address it came to: where
// phones have one of their own, which old TLS may reach, they are served there and
// nowhere else, and nobody else there.
func (p FieldPlace) apart(req *http.Request) bool {
	if p.Origin == "" {
		return false
	}
	_, host, _ := strings.Cut(p.Origin, "://")
	return strings.HasPrefix(req.URL.Path, fieldPath) != (req.Host == host)
}

// speak marks answers as OpenRosa's. What goes wrong, here or before it, phoned says.
func (f *FieldTools) speak(do Handler) Handler {
	return func(r *Request) error {
		h := r.Answer()
		h.Set(headerOpenRosa, answer.Version)
		h.Del(api.HeaderDPoPNonce)
		err := do(r)
		if err == nil {
			r.known(flood.Phone, r.Param("token"))
		}
		return err
	}
}

// isPhones tells the routes for phones by their pattern.
func isPhones(c echo.Context) bool { return strings.HasPrefix(c.Path(), fieldPath) }

// failPhone tells a phone what went wrong, in the words for phones.
func (s *Server) failPhone(err error, c echo.Context) {
	status, kind, known := refusal(err)
	if !known {
		p := problemOf(err)
		s.noteFailure(err, c, p.Name())
	}
	h := c.Response().Header()
	h.Set(headerOpenRosa, answer.Version)
	h.Del(api.HeaderDPoPNonce)
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "60")
	}
	s.sayPhone(c, status, kind)
}

// sayPhone answers with a message in the language of the phone.
func (s *Server) sayPhone(c echo.Context, status int, k answer.Kind) {
	language := languageOf(c.Request().Header.Get("Accept-Language"))
	h := c.Response().Header()
	h.Set("Content-Language", language)
	h.Set("Vary", "Accept-Language")
	s.send(c, status, answer.Media, s.phrases.Message(language, k))
}

// refusal is what a phone is told of an error, and whether it is one of those that
// phones bring about.
func refusal(err error) (status int, kind answer.Kind, known bool) {
	var quota *account.Quota
	for _, c := range []struct {
		is     error
		status int
		kind   answer.Kind
	}{
		{errOver, http.StatusForbidden, answer.Stranger},
		{errWinding, http.StatusForbidden, answer.Stranger},
		{openrosa.ErrToken, http.StatusForbidden, answer.Stranger},
		{openrosa.ErrOther, http.StatusConflict, answer.Other},
		{parcel.ErrTooLarge, http.StatusRequestEntityTooLarge, answer.Large},
		{fieldform.ErrPlain, http.StatusBadRequest, answer.Refused},
		{fieldform.ErrManifest, http.StatusBadRequest, answer.Refused},
		{openrosa.ErrPlain, http.StatusBadRequest, answer.Refused},
		{parcel.ErrRefused, http.StatusBadRequest, answer.Refused},
		{errCrowded, http.StatusServiceUnavailable, answer.Later},
		{openrosa.ErrBusy, http.StatusServiceUnavailable, answer.Later},
		{tray.ErrOwed, http.StatusServiceUnavailable, answer.Later},
		{openrosa.ErrNotFound, http.StatusNotFound, answer.Missing},
	} {
		if errors.Is(err, c.is) {
			return c.status, c.kind, true
		}
	}
	if errors.As(err, &quota) { // there will be room when the partner has looked at what came
		return http.StatusServiceUnavailable, answer.Later, true
	}
	p := problemOf(err)
	status, kind = p.Name().Status(), answer.Refused
	if status == http.StatusRequestEntityTooLarge {
		return status, answer.Large, true
	}
	if status >= http.StatusInternalServerError || status == http.StatusRequestTimeout {
		kind = answer.Later
	}
	return status, kind, false
}

// list takes no notice of the deviceID that phones add.
func (f *FieldTools) list(r *Request) error {
	all, err := f.Intake.Offered(r.Context(), r.Param("token"), r.echo.QueryParam("formID"))
	if err != nil {
		return err
	}
	base := f.Place.base(r) + fieldPath + r.Param("token") + "/forms/"
	out := make([]answer.Form, len(all))
	for i, b := range all {
		out[i] = answer.Form{ID: b.Form.ID, Name: b.Form.Name, Version: b.Form.Version, MD5: b.Form.MD5, URL: base + string(b.ID), Manifest: base + string(b.ID) + "/manifest"}
	}
	return r.send(http.StatusOK, answer.Media, answer.List(out))
}

func (f *FieldTools) form(r *Request) error {
	doc, err := f.document(r)
	if err != nil {
		return err
	}
	return r.send(http.StatusOK, answer.Media, doc)
}

func (f *FieldTools) manifest(r *Request) error {
	if _, err := f.document(r); err != nil {
		return err
	}
	return r.send(http.StatusOK, answer.Media, answer.NoFiles())
}

func (f *FieldTools) document(r *Request) ([]byte, error) {
	form, err := r.ID("form")
	if err != nil {
		// A stranger learns no more from a name that is none.
		return nil, errors.Join(f.Intake.Known(r.Context(), r.Param("token")), openrosa.ErrNotFound)
	}
	return f.Intake.Document(r.Context(), r.Param("token"), form)
}

// ask is what phones do before they send. Any other success than 204 is a failure to
// them.
func (f *FieldTools) ask(r *Request) error {
	if err := f.Intake.Known(r.Context(), r.Param("token")); err != nil {
		return err
	}
	r.Answer().Set(headerAccept, strconv.FormatInt(f.PostSize, 10))
	r.Writer(http.StatusNoContent)
	return nil
}

// submit takes a post. Any other success than 201 is a failure to phones.
func (f *FieldTools) submit(r *Request) error {
	post := openrosa.Post{Token: r.Param("token"), ContentType: once(r.Header(), "Content-Type"), Body: r.Body()}
	if r.Header().Get("Content-Encoding") != "" {
		post.ContentType = "" // compressed bodies are none that is read
	}
	if _, err := f.Intake.Submit(r.Context(), post); err != nil {
		return err
	}
	r.server.sayPhone(r.echo, http.StatusCreated, answer.Taken)
	return nil
}
