package report

// hangs says which columns name what else belongs to somebody, once a row of the
// table does: her testimonies hang on her account, grants on testimonies, openings on
// grants. Accounts of others do not hang on hers, or one demand would draw in
// everybody she knows.
var hangs = map[string][]string{
	"accreditations":     {"id"},
	"agreement_officers": {"agreement"},
	"chains":             {"key", "signer"},
	"claims":             {"id"},
	"client_voices":      {"registration"},
	"collections":        {"tray"},
	"grants":             {"id"},
	"openings":           {"id"},
	"parts":              {"blob"},
	"pieces":             {"blob", "second"},
	"policies":           {"id"},
	"recoveries":         {"id"},
	"rekeys":             {"key"},
	"submissions":        {"id"},
	"testimonies":        {"id"},
	"tray_items":         {"id", "blob"},
	"trays":              {"id"},
	"uploads":            {"blob"},
}
