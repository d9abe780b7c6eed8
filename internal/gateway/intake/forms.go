package intake

import (
	"net/http"

	"github.com/relatingfield/vault/internal/gateway/door"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/secret"
)

// Form is one address, by name, that an adapter's posts come to.
type Form struct {
	Name   string
	Secret secret.Bytes // the password of Basic, or the token of Authorization: Bearer
	To     queue.Destination
}

// Keep takes a post to a form whose secret it showed. No error means that it lies
// sealed on the disk.
type Keep func(w http.ResponseWriter, r *http.Request, form Form) error

// Forms answers the posts to forms whose name is the path's {form}: 201 once kept. A
// name that there is not is answered as one whose secret was not shown.
func (in *Intake) Forms(forms []Form, keep Keep) http.HandlerFunc {
	byName, guards := map[string]Form{}, map[string]*door.Guard{}
	for _, f := range forms {
		byName[f.Name], guards[f.Name] = f, door.NewGuard(in.Now)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := byName[r.PathValue("form")]
		if !ok {
			in.Fail(w, ErrWrong)
			return
		}
		if ok, wait := guards[f.Name].Admit(r, f.Secret); !ok {
			in.Refuse(w, wait)
			return
		}
		if err := keep(w, r, f); err != nil {
			in.Fail(w, err)
			return
		}
		Answer(w, http.StatusCreated, nil)
	}
}
