package config

import "time"

// Trays is about what partners bring. What waits in a tray is charged to its partner
// until a woman adopts it.
type Trays struct {
	// PerAccount is how many trays of one account may be open, 1 to 1000.
	PerAccount int `yaml:"per_account"`
	// Items is how many items may wait in one tray, 1 to 10000.
	Items int `yaml:"items"`
	// Bytes is how many bytes may wait in one tray, 1 MiB to 1 TiB.
	Bytes Size `yaml:"bytes"`
	// PartnerBytes is how many bytes of one partner may wait in all trays together,
	// 1 MiB to 1 PiB.
	PartnerBytes Size `yaml:"partner_bytes"`
	// ItemSize is the largest item, 64 KiB to 8 GiB. Clients bring those of more than
	// 16 MiB by tus, where a line that breaks costs less than 256 KiB.
	ItemSize Size `yaml:"item_size"`
	// Term is how long a tray takes items, 24h to 8760h.
	Term time.Duration `yaml:"term"`
	// Keep is how long an item waits for its owner, 24h to 8760h. Then it is gone.
	Keep time.Duration `yaml:"keep"`
	// AcknowledgeWithin is how long a partner has to acknowledge that consent was
	// withdrawn, 24h to 8760h. Who does not brings nothing more until they have.
	AcknowledgeWithin time.Duration `yaml:"acknowledge_within"`
	// Collections is how many collections of one partner may stand, 0 to 1000.
	Collections int `yaml:"collections"`
	// Warn is how long before its end a partner is told that a collection expires,
	// 24h to 8760h.
	Warn time.Duration `yaml:"warn"`
}
