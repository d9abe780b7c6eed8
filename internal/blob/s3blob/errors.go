package s3blob

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
)

var (
	errStalled = errors.New("it made no progress")
	errConfig  = errors.New("the settings name no server that could be asked: see docs/operate/objects.md")
)

// explain makes an error of the client's one of package blob. Nothing of its text
// is kept: it may hold an address, a bucket or a name, and whatever the server
// chose to write.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return refused(answer)
	}
	return fmt.Errorf("%w: %s", blob.ErrUnavailable, outage(err))
}

// refused reads the server's answer
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and what
// others have beside it).
func refused(a minio.ErrorResponse) error {
	reason := fmt.Sprintf("it says %s (%d)", word(a.Code), a.StatusCode)
	switch a.Code {
	case "NoSuchKey":
		return blob.ErrNotFound
	case "NoSuchBucket", "NoSuchUpload":
		return errors.New(reason)
	case "PreconditionFailed":
		return blob.ErrExists
	case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded":
		return fmt.Errorf("%w: %s", blob.ErrFull, reason)
	case "SlowDown", "SlowDownWrite", "SlowDownRead", "RequestTimeout", "Throttling", "ThrottlingException", "ConditionalRequestConflict", "OperationAborted",
		// The transfer was spoilt: nothing is stored, and another may go well.
		"BadDigest", "XAmzContentChecksumMismatch", "IncompleteBody",
		// A clock that will be set right, here or there.
		"RequestTimeTooSkewed":
		return fmt.Errorf("%w: %s", blob.ErrUnavailable, reason)
	}
	return byStatus(a.StatusCode, reason)
}

func byStatus(status int, reason string) error {
	switch status {
	case http.StatusNotFound:
		return blob.ErrNotFound
	case http.StatusPreconditionFailed:
		return blob.ErrExists
	case http.StatusInsufficientStorage:
		return fmt.Errorf("%w: %s", blob.ErrFull, reason)
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("%w: %s", blob.ErrUnavailable, reason)
	}
	return errors.New("the object store refuses: " + reason)
}

// word is a server's code if it looks like one.
func word(code string) string {
	other := func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }
	if code == "" || len(code) > 40 || strings.ContainsFunc(code, other) {
		return "no known word"
	}
	return code
}

// outage says what may be said of a failure without an answer.
func outage(err error) string {
	var errno syscall.Errno
	var network net.Error
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, errStalled), errors.Is(err, context.Canceled), errors.As(err, &network) && network.Timeout():
		return errStalled.Error()
	}
	return "the line broke, or what came was no answer"
}

// neverArrived reports a failure after which nothing can have been stored, and
// nothing will be: the connection was not made, or the server said to come later.
func neverArrived(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && (answer.StatusCode == http.StatusServiceUnavailable || answer.StatusCode == http.StatusTooManyRequests)
}

// unknown reports a request that the server does not know.
func unknown(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && (answer.StatusCode == http.StatusNotImplemented || answer.Code == "NotImplemented")
}
