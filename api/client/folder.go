package client

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/internal/partial"
)

// folder is a Sink that keeps a part in files.
type folder struct {
	path string
	file *partial.Draft
}

// intoFolder fills a temporary folder beside dir and gives it dir's name when
// fill has returned nil and every byte is on the disk. On failure nothing stays; and
// nothing stays of the content where the program is killed before.
func intoFolder(dir, temporary string, fill func(*folder) error) error {
	if err := os.Mkdir(temporary, 0o700); err != nil {
		return err
	}
	f := &folder{path: temporary}
	err := fill(f)
	if err == nil {
		err = f.publish()
	}
	if err = errors.Join(err, f.close()); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	if err := os.Rename(temporary, dir); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return syncFolder(filepath.Dir(dir))
}

// Begin implements Sink.
func (f *folder) Begin(info PartInfo, _ int64) (io.Writer, error) {
	if err := f.writeJSON(InfoFile, info); err != nil {
		return nil, err
	}
	var err error
	f.file, err = partial.NewDraft(filepath.Join(f.path, ContentFile))
	return f.file, err
}

func (f *folder) writeJSON(name string, v any) error {
	file, err := os.OpenFile(filepath.Join(f.path, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(writeJSON(file, v), file.Sync(), file.Close())
}

func writeJSON(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// publish makes everything durable under its name within the folder.
func (f *folder) publish() error {
	if f.file != nil {
		if err := f.file.Publish(); err != nil {
			return err
		}
	}
	return syncFolder(f.path)
}

func (f *folder) close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
