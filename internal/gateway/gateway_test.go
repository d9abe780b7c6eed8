package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// What tools bring lies in the tray of the one it is for, says for ever that the
// gateway saw it, and opens with the ordinary age program and her key; nothing of it
// is left here.
func TestWhatToolsBringIsHersAndOpensWithStockTools(t *testing.T) {
	o := newOffice(t)
	o.run()
	if s := o.hook("present", uuid(1), "she said so"); s != 201 {
		t.Fatal(s)
	}
	if s := o.hook("absent", uuid(2), "somebody else"); s != 201 {
		t.Fatal(s)
	}
	if s := o.post("/form/page", "application/json", []byte(`{"fields":{"a":1},"files":[{"name":"a.txt","media_type":"text/plain","data":"aGVyIHdvcmRz"}]}`)); s != 201 {
		t.Fatal(s)
	}
	voice := bytes.Repeat([]byte("a voice "), 100_000)
	o.tella("a report", "of hers", "voice.m4a", voice)
	o.delivered()
	hers, kept := o.texts(o.her), o.texts(o.store)
	for _, want := range []string{`"what_happened": "she said so"`, `{"fields":{"a":1}}`, "her words", "a report\n\nof hers\n", string(voice)} {
		if !slices.ContainsFunc(hers, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("she has not %.40q", want)
		}
	}
	if len(hers) != 5 || len(kept) != 1 || !strings.Contains(kept[0], "somebody else") {
		t.Errorf("she has %d items, the collection %d", len(hers), len(kept))
	}
	o.opensWithStockTools("her words")
	if left, err := filepath.Glob(filepath.Join(o.dir, "queue", "*.*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// tella sends a report with one file, as the app does.
func (o *office) tella(title, description, name string, content []byte) {
	o.t.Helper()
	token := ""
	do := func(method, path, body string, header map[string]string) map[string]any {
		o.t.Helper()
		req, err := http.NewRequest(method, o.url+path, strings.NewReader(body))
		o.must(err)
		for k, v := range header {
			req.Header.Set(k, v)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(req)
		o.must(err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		o.must(err)
		var out map[string]any
		if err := json.Unmarshal(b, &out); err != nil || resp.StatusCode > 299 {
			o.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, b)
		}
		return out
	}
	token = do("POST", "/login/", fmt.Sprintf(`{"username":"field-1","password":%q}`, password), nil)["access_token"].(string)
	report := do("POST", "/project/notes", fmt.Sprintf(`{"title":%q,"description":%q}`, title, description), nil)["id"].(string)
	half := len(content) / 2
	for _, span := range [][2]int{{0, half}, {half - 1, len(content)}} { // the second begins with the last byte of the first
		do("PUT", "/file/v2/"+report+"/"+name, string(content[span[0]:span[1]]), map[string]string{"Content-Range": fmt.Sprintf("bytes %d-%d/%d", span[0], span[1]-1, len(content))})
	}
}

// opensWithStockTools adopts all items, takes them out, and opens them with age and
// tar and her key.
func (o *office) opensWithStockTools(want string) {
	o.t.Helper()
	ctx, dir := o.t.Context(), o.t.TempDir()
	tid, err := o.her.Create(ctx, client.Testimony{Title: "x"})
	o.must(err)
	items, err := o.her.Items(ctx)
	o.must(err)
	for _, i := range items {
		_, err := o.her.AdoptItem(ctx, i.ID, tid, nil)
		o.must(err)
	}
	_, err = o.her.TakeOut(ctx, filepath.Join(dir, "out"), "en", nil)
	o.must(err)
	files, err := filepath.Glob(filepath.Join(dir, "out", "*", "part-*.age"))
	o.must(err)
	key := filepath.Join(dir, "key.txt")
	o.must(os.WriteFile(key, o.keys.IdentityFile().Reveal(), 0o600))
	found := 0
	for n, file := range files {
		tar := filepath.Join(dir, fmt.Sprintf("%d.tar", n))
		if out, err := exec.Command(stockagetest.Binary(o.t), "-d", "-i", key, "-o", tar, file).CombinedOutput(); err != nil {
			o.t.Fatalf("age: %v: %s", err, out)
		}
		content, err := exec.Command("tar", "-xOf", tar, "content").Output()
		o.must(err)
		if string(content) == want {
			found++
		}
	}
	if len(files) != len(items) || found != 1 {
		o.t.Errorf("%d items, %d files, %d of them %q", len(items), len(files), found, want)
	}
}

// While the vault cannot be reached tools are told that what they bring is safe, for
// it is; when the vault is back it is brought, also by another process and on another
// day than it came.
func TestALineThatIsDownCostsNothing(t *testing.T) {
	o := newOffice(t)
	o.run()
	o.vault.Stop()
	for n := range 3 {
		if s := o.hook("present", uuid(n), fmt.Sprintf("word %d", n)); s != 201 {
			t.Fatal(s)
		}
	}
	o.end()
	if n, refused := o.status(); n != 3 || len(refused) > 0 {
		t.Errorf("%d wait, %v", n, refused)
	}
	o.vault.Start()
	o.run()
	o.delivered()
	if got := o.texts(o.her); len(got) != 3 {
		t.Errorf("%d items", len(got))
	}
}

// A vault that took an item and whose answer got lost has it once, also when the note
// of the first attempt is too old to be repeated.
func TestALostAnswerOfTheVaultDoublesNothing(t *testing.T) {
	o := newOffice(t)
	o.run()
	o.losing(true)
	for n := range 2 {
		if s := o.hook("present", uuid(n), "a word"); s != 201 {
			t.Fatal(s)
		}
	}
	o.within("an item at the vault", func() bool { items, err := o.her.Items(t.Context()); return err == nil && len(items) > 0 })
	o.end()
	if n, _ := o.status(); n == 0 {
		t.Fatal("the answer did not get lost")
	}
	o.losing(false)
	o.vault.Clock.Forward(3 * day)
	o.her = o.vault.Client(o.keys) // the old token is of another day
	o.run()
	o.delivered()
	if got := o.texts(o.her); len(got) != 2 {
		t.Errorf("%d items", len(got))
	}
}

// What the vault refuses stays, sealed, with the reason for the operator; what can be
// mended is brought then. A halted partner brings nothing more.
func TestWhatTheVaultRefusesStays(t *testing.T) {
	o := newOffice(t)
	o.run()
	o.must(o.her.CloseTray(t.Context(), o.tray.Tray))
	if s := o.hook("present", uuid(1), "into a closed tray"); s != 201 {
		t.Fatal(s)
	}
	refused := func(want string) {
		t.Helper()
		o.within("a refusal", func() bool {
			_, all := o.status()
			return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, want) })
		})
	}
	refused("its tray is closed")
	if s := o.hook("absent", uuid(2), "goes on"); s != 201 {
		t.Fatal(s)
	}
	o.within("what is not refused", func() bool { items, err := o.store.Items(t.Context()); return err == nil && len(items) == 1 })
	o.end()
	opened, err := o.her.OpenTray(t.Context(), o.partner.ID)
	o.must(err)
	o.write("her.tray", opened.Code)
	o.run()
	o.delivered()
	if got := o.texts(o.her); len(got) != 1 {
		t.Errorf("%d items after the new tray", len(got))
	}
	o.partner.Halt()
	if s := o.hook("present", uuid(3), "after the halt"); s != 201 {
		t.Fatal(s)
	}
	refused("the vault does not let this program in")
}
