package httpapi

import (
	"context"
	"net/http"
	"slices"
)

// roomEvery is how many bytes of one body come between two looks at what is left of
// the disk.
const roomEvery = 8 << 20

// roomless are what writes next to nothing and has to go on when nothing more is taken
// in, beside the restricting acts: without it nobody could do those.
func roomless() []string {
	return []string{"/v1/session/challenge", "/v1/session", "/v1/token"}
}

// roomFor refuses what would fill the last of a disk. Whoever asks is known by now,
// and reading goes on: what it writes, the room is for.
func (r *Request) roomFor() error {
	writes := !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodDelete}, r.route.Method)
	if !writes || r.server.restricts(r.echo) || slices.Contains(roomless(), r.route.Path) {
		return nil
	}
	return r.server.room(r.Context())
}

func (s *Server) room(ctx context.Context) error {
	if s.deps.Room == nil {
		return nil
	}
	err := s.deps.Room(ctx)
	if err != nil {
		s.deps.Watch.Refused("disk")
	}
	return err
}
