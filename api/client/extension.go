package client

import "mime"

// extension is how a file of a media type ends, empty where that is not certain. It
// is our own list: the system's differs by machine, and a name that somebody else
// gave is not believed.
func extension(media string) string {
	kind, _, err := mime.ParseMediaType(media)
	if err != nil {
		return ""
	}
	return map[string]string{
		"text/plain": ".txt", "text/markdown": ".md", "text/csv": ".csv", "application/json": ".json", "application/pdf": ".pdf",
		"audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/webm": ".webm", "audio/wav": ".wav", "audio/aac": ".aac", "audio/flac": ".flac",
		"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "image/tiff": ".tiff", "image/heic": ".heic",
		"video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov",
	}[kind]
}
