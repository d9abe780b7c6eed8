package api

// Uploads of large payloads speak tus 1.0 (https://tus.io/protocols/resumable-upload)
// at one address for each upload that was begun; docs/protocol.md section 5.
const (
	TusVersion = "1.0.0"
	MediaTus   = "application/offset+octet-stream" // the body of a PATCH

	HeaderTusResumable  = "Tus-Resumable"
	HeaderUploadOffset  = "Upload-Offset"
	HeaderUploadLength  = "Upload-Length"
	HeaderUploadExpires = "Upload-Expires"
	HeaderReprDigest    = "Repr-Digest" // RFC 9530, of the payload, once it is complete
)
