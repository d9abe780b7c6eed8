package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
)

// DeliveryFile holds, beside the files of a filled form, the vault's signed notes of
// how they came.
const DeliveryFile = "DELIVERY.json"

// FieldForm is a filled form in a folder of its own, as encrypted as it came.
type FieldForm struct {
	Submission api.ID   `json:"submission"`
	Folder     string   `json:"folder"`
	Replaces   api.ID   `json:"replaces,omitempty"` // the earlier one that it says it corrects
	Missing    []string `json:"missing"`            // files that have not come, or not been fetched
	Items      []api.ID `json:"items"`              // of the tray, the manifest first
}

// cameAs is DELIVERY.json.
type cameAs struct {
	Vault    api.Hash   `json:"vault"`
	Replaces api.ID     `json:"replaces,omitempty"`
	Files    []cameFile `json:"files"`
}

type cameFile struct {
	Item api.ID `json:"item"`
	Name string `json:"name"`
	Note string `json:"note"`
}

// errNoForm is what a sealed item of a field form cannot be.
var errNoForm = errors.New("an item is no file of a filled form: it was left where it is")

// SaveFieldForms fetches the filled forms that wait in the trays of a collection into
// dir: a folder each, with submission.xml, the encrypted files and DELIVERY.json.
// Everything is verified as OpenItem verifies it; what was fetched before is not
// fetched again, and the trays stay as they are. The files open with the key of the
// form, not with the collection's (fieldform.OpenFolder).
func (c *Client) SaveFieldForms(ctx context.Context, dir string) ([]FieldForm, error) {
	out, err := c.saveFieldForms(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("fetch forms: %w", err)
	}
	return out, nil
}

func (c *Client) saveFieldForms(ctx context.Context, dir string) ([]FieldForm, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	have, err := fetched(root)
	if err != nil {
		return nil, err
	}
	items, err := c.Items(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if i.Err != nil || i.Assurance != delivery.FieldForm || knows(have, i.ID) {
			continue
		}
		if err := c.saveFormFile(ctx, root, have, i); err != nil {
			return nil, err
		}
	}
	return c.formsIn(dir, root, have)
}

func knows(have map[api.ID]*cameAs, item api.ID) bool {
	for _, h := range have {
		if slices.ContainsFunc(h.Files, func(f cameFile) bool { return f.Item == item }) {
			return true
		}
	}
	return false
}

// fetched reads what lies in the folder from before.
func fetched(root *os.Root) (map[api.ID]*cameAs, error) {
	out := map[api.ID]*cameAs{}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, err := id.Parse(e.Name())
		if err != nil || !e.IsDir() {
			continue
		}
		text, err := root.ReadFile(filepath.Join(string(name), DeliveryFile))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[name] = new(cameAs)
		if err := json.Unmarshal(text, out[name]); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", DeliveryFile, name, err)
		}
	}
	return out, nil
}

// saveFormFile opens one item into the folder of its form. The file gets its name
// when it has been found right, and the note is written after it.
func (c *Client) saveFormFile(ctx context.Context, root *os.Root, have map[api.ID]*cameAs, i *Item) (err error) {
	const arriving = ".arriving"
	draft, err := root.OpenFile(arriving, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, draft.Close()) }()
	var info PartInfo
	err = c.inspectItem(ctx, i, SinkFunc(func(p PartInfo, _ int64) (io.Writer, error) { info = p; return draft, nil }))
	if err != nil {
		return errors.Join(err, root.Remove(arriving))
	}
	of, replaces, err := submissionOf(info)
	if err != nil {
		return errors.Join(err, root.Remove(arriving))
	}
	if err := errors.Join(draft.Sync(), ignoreExists(root.Mkdir(string(of), 0o700)), root.Rename(arriving, filepath.Join(string(of), info.Name))); err != nil {
		return err
	}
	if have[of] == nil {
		have[of] = &cameAs{Vault: c.vault}
	}
	h := have[of]
	h.Files = append(h.Files, cameFile{i.ID, info.Name, i.text})
	if replaces != "" {
		h.Replaces = replaces
	}
	return writeDelivery(root, of, h)
}

func ignoreExists(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// submissionOf reads which form a file is of, and checks that its name leads nowhere.
func submissionOf(info PartInfo) (of, replaces api.ID, err error) {
	_, params, err := mime.ParseMediaType(info.MediaType)
	if err != nil {
		return "", "", errNoForm
	}
	if of, err = id.Parse(params["submission"]); err != nil {
		return "", "", errNoForm
	}
	if r := params["replaces"]; r != "" {
		if replaces, err = id.Parse(r); err != nil {
			return "", "", errNoForm
		}
	}
	if info.Name != fieldform.ManifestFile && fieldform.CheckName(info.Name) != nil {
		return "", "", errNoForm
	}
	return of, replaces, nil
}

func writeDelivery(root *os.Root, of api.ID, h *cameAs) error {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	draft := filepath.Join(string(of), ".delivery")
	if err := root.WriteFile(draft, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return root.Rename(draft, filepath.Join(string(of), DeliveryFile))
}

// formsIn says how the forms in the folder stand.
func (c *Client) formsIn(dir string, root *os.Root, have map[api.ID]*cameAs) ([]FieldForm, error) {
	var out []FieldForm
	for of, h := range have {
		f := FieldForm{Submission: of, Folder: filepath.Join(dir, string(of)), Replaces: h.Replaces}
		var names []string
		slices.SortStableFunc(h.Files, func(a, b cameFile) int { return rank(a) - rank(b) })
		for _, file := range h.Files {
			names, f.Items = append(names, file.Name), append(f.Items, file.Item)
		}
		want := []string{fieldform.ManifestFile}
		text, err := root.ReadFile(filepath.Join(string(of), fieldform.ManifestFile))
		if err == nil {
			m, err := fieldform.Parse(text)
			if err != nil {
				return nil, fmt.Errorf("form %s: %w", of, err)
			}
			want = append(want, m.Files()...)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		f.Missing = slices.DeleteFunc(want, func(n string) bool { return slices.Contains(names, n) })
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b FieldForm) int { return strings.Compare(string(a.Submission), string(b.Submission)) })
	return out, nil
}

// rank puts the manifest first.
func rank(f cameFile) int {
	if f.Name == fieldform.ManifestFile {
		return 0
	}
	return 1
}

// AdoptFieldForms makes each form that is whole a testimony of its own in the
// collection, with the manifest as part 1, and says how many. Of those that are
// testimonies already, and wait no more, nothing is changed. A program that was killed
// does the same again: a form goes on where it ended, and none is adopted twice.
func (c *Client) AdoptFieldForms(ctx context.Context, forms []FieldForm) (int, error) {
	waiting, err := c.claimedItems(ctx)
	if err != nil {
		return 0, fmt.Errorf("adopt forms: %w", err)
	}
	done := 0
	for _, f := range forms {
		var here []api.ID
		for _, i := range f.Items {
			if slices.ContainsFunc(waiting, func(w api.Item) bool { return w.Item == i }) {
				here = append(here, i)
			}
		}
		adopted, err := c.adoptFieldForm(ctx, f, here)
		if err != nil {
			return done, fmt.Errorf("adopt forms: %w", err)
		}
		if adopted {
			done++
		}
	}
	return done, nil
}

// adoptFieldForm adopts those items of a form that wait here. The testimony's name is
// made of the form's and of the collection's key, so a form that was left half adopted
// finds its testimony again; what waits and what lies there are together the form, or
// it is left alone.
func (c *Client) adoptFieldForm(ctx context.Context, f FieldForm, here []api.ID) (bool, error) {
	if len(f.Missing) > 0 || len(here) == 0 {
		return false, nil
	}
	t, err := c.named("testimony-vault/v1/field-form\n" + c.vault.String() + "\n" + string(f.Submission) + "\n")
	if err != nil {
		return false, err
	}
	h, err := c.refresh(ctx)
	if err != nil {
		return false, err
	}
	state, there := h.book.Testimonies[t], 0
	if state != nil {
		there = len(state.Parts)
	}
	if there+len(here) != len(f.Items) || state != nil && state.Erased {
		return false, nil
	}
	if state == nil {
		if _, _, err := c.createSmall(ctx, t, Testimony{Title: "Form " + string(f.Submission)}); err != nil {
			return false, err
		}
	}
	for _, i := range here {
		if _, err := c.AdoptItem(ctx, i, t, nil); err != nil {
			return false, err
		}
	}
	return true, nil
}
