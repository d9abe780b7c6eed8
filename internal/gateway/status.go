package gateway

import (
	"errors"

	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/id"
)

// Status says what waits in the folder of a gateway, which may be running.
func Status(s Settings) (queue.Look, error) { return queue.LookAt(s.Folder) }

// Discard destroys an item for ever. The gateway must not be running.
func Discard(s Settings, item id.ID) error {
	q, err := queue.Open(New(s, nil).queue())
	if err != nil {
		return err
	}
	return errors.Join(q.Discard(item), q.Close())
}
