package fsck

import (
	"maps"
	"slices"
)

// Fault is a kind of finding: a word for programs.
type Fault string

// The kinds of findings. See about for what each says.
const (
	Structure Fault = "structure"

	JournalBroken Fault = "journal-broken"
	JournalAhead  Fault = "journal-not-applied"
	RosterBroken  Fault = "roster-broken"

	ObjectMissing Fault = "object-missing"
	ObjectLength  Fault = "object-length"
	ObjectDamaged Fault = "object-damaged"
	KnownDamage   Fault = "known-damage"
	Orphan        Fault = "orphan-object"
	CopyMissing   Fault = "copy-missing"
	CopyDamaged   Fault = "copy-damaged"
	CopyOrphan    Fault = "orphan-copy"
	CopyUnnamed   Fault = "copy-unnamed"

	PartIncomplete   Fault = "part-incomplete"
	UploadIncomplete Fault = "upload-incomplete"
	UploadDead       Fault = "upload-dead"
	ItemIncomplete   Fault = "item-incomplete"
	PieceGap         Fault = "piece-gap"
	PieceStray       Fault = "piece-stray"
	PieceShared      Fault = "piece-shared"
	PieceDoomed      Fault = "piece-doomed"

	KeyMissing   Fault = "key-missing"
	KeyOfErased  Fault = "key-of-erased"
	KeyStray     Fault = "key-stray"
	LeftOfErased Fault = "left-of-erased"
	RowDamaged   Fault = "row-damaged"

	CustodyBroken  Fault = "custody-broken"
	CustodyDamaged Fault = "custody-damaged"

	ChainBroken    Fault = "chain-broken"
	ChainLoose     Fault = "chain-loose"
	ChainUnowned   Fault = "chain-unowned"
	ChainKey       Fault = "chain-key"
	AccountUnbound Fault = "account-unbound"
	PartUnsigned   Fault = "part-unsigned"
	PartLost       Fault = "part-lost"
	GrantUnsigned  Fault = "grant-unsigned"
	GrantLost      Fault = "grant-lost"

	GrantLoose   Fault = "grant-loose"
	HeaderLeft   Fault = "header-left"
	PolicyBroken Fault = "policy-broken"

	GrantsMiscounted Fault = "grants-miscounted"
	BytesMiscounted  Fault = "bytes-miscounted"
	OrdinalsBehind   Fault = "ordinals-behind"
	TrayMiscounted   Fault = "tray-miscounted"
	RoomMiscounted   Fault = "room-miscounted"

	ItemLoose          Fault = "item-loose"
	DeliveryLoose      Fault = "delivery-loose"
	PapersLoose        Fault = "papers-loose"
	CollectionLoose    Fault = "collection-loose"
	WithdrawalUntold   Fault = "withdrawal-untold"
	WithdrawalUnlisted Fault = "withdrawal-unlisted"
	HookLoose          Fault = "webhook-loose"
	OwedAnswered       Fault = "webhook-owed-answered"
)

// description is what a person reads of a fault.
type description struct {
	what string // it is, and of what its subjects are the names
	next string // what to do
	safe bool   // Repair puts it right
	who  bool   // its subjects are accounts
}

// What to do where nothing here can be put right.
const (
	restore = "restore the newest backup that has it beside this vault, and compare (docs/operate/restore.md); keep this database as it is until then"
	heal    = "run testimonyd fixity run, which heals it from the second copy; without one, put the object back from a backup under the same name"
	repair  = "run testimonyd fsck --repair"
	begin   = "stop this node, and read docs/operate/restore.md: the next start refuses, or applies what is missing"
)

// about describes every fault.
func about() map[Fault]description {
	all := ofStores()
	maps.Copy(all, ofRows())
	return all
}

// ofStores describes what is wrong with stores, journals and payloads.
func ofStores() map[Fault]description {
	return map[Fault]description{
		Structure: {what: "the database's own structure is damaged", next: "copy the files away, then " + restore},

		JournalBroken: {what: "a node's journal of restrictions is not whole, or does not belong to this database", next: "run testimonyd journal check; " + begin},
		JournalAhead:  {what: "an act that took something back stands in the journal, and the rows say otherwise (NODE/LINE)", next: begin},
		RosterBroken:  {what: "the chain of rosters does not verify", next: restore},

		ObjectMissing: {what: "an object that holds stored bytes is not in the store", next: heal},
		ObjectLength:  {what: "an object is longer or shorter than what was stored", next: heal},
		ObjectDamaged: {what: "an object's bytes are not those that were stored", next: heal},
		KnownDamage:   {what: "damage that fixity found before, and could not heal", next: heal},
		Orphan:        {what: "an object that no row names, older than gc.orphan_age", next: repair, safe: true},
		CopyMissing:   {what: "a second copy is not where it was put", next: repair + "; the vault then copies it anew", safe: true},
		CopyDamaged:   {what: "a second copy is not what was copied", next: repair + "; the vault then copies it anew", safe: true},
		CopyOrphan:    {what: "an object in the second store that no row names, older than gc.orphan_age", next: repair, safe: true},
		CopyUnnamed:   {what: "a piece counts as copied and names no copy, or the other way round", next: repair, safe: true},

		PartIncomplete:   {what: "a part's stored bytes are fewer or more than its length (TESTIMONY/PART)", next: restore},
		UploadIncomplete: {what: "an upload under way has not the bytes it counts (TESTIMONY/PART)", next: "nothing is lost: her client sends it again when the upload is given up, at the latest after uploads.keep"},
		UploadDead:       {what: "an upload that has stood still for longer than uploads.keep (TESTIMONY/PART)", next: repair + ", or let the vault run: it does so every hour", safe: true},
		ItemIncomplete:   {what: "an item in a tray has not the bytes of its length", next: restore + "; or ask the partner to bring it again"},
		PieceGap:         {what: "a piece does not begin where the one before it ends", next: restore},
		PieceStray:       {what: "a piece that belongs to no part, upload or item; its object may be all that is left of one", next: "keep it; " + restore},
		PieceShared:      {what: "one payload is named by two parts", next: restore},
		PieceDoomed:      {what: "an object that is in use is listed to be deleted", next: "stop the vault now, and " + repair, safe: true},
	}
}

// ofRows describes what is wrong with rows.
func ofRows() map[Fault]description {
	return map[Fault]description{
		KeyMissing:   {what: "a testimony, tray or item has no shred key: nothing of it opens", next: restore},
		KeyOfErased:  {what: "a testimony was erased and its shred key is there", next: "run testimonyd journal check, and let the vault start anew: it erases again what the journal says; if it stays, " + restore},
		KeyStray:     {what: "a shred key of something that does not exist", next: "keep it; " + restore},
		LeftOfErased: {what: "rows of an erased testimony are left", next: "let the vault start anew: it erases again what the journal says; if they stay, tell us (SECURITY.md)"},
		RowDamaged:   {what: "a sealed value in a row does not open under its key, or is another than its digest says", next: restore},

		CustodyBroken:  {what: "a testimony's feed has not the events it counts", next: restore},
		CustodyDamaged: {what: "an event of a testimony's feed does not open (TESTIMONY/EVENT)", next: restore},

		ChainBroken:    {what: "a chain of statements does not verify", next: restore, who: true},
		ChainLoose:     {what: "a chain's head is not its last statement", next: restore, who: true},
		ChainUnowned:   {what: "a chain without an account", next: restore, who: true},
		ChainKey:       {what: "a chain goes on with a key that no statement gave it", next: restore, who: true},
		AccountUnbound: {what: "an account without the key statement it was opened with", next: restore, who: true},
		PartUnsigned:   {what: "a part is not the one that was signed for (TESTIMONY/PART)", next: restore},
		PartLost:       {what: "a part that was signed for has no row (TESTIMONY/PART)", next: restore},
		GrantUnsigned:  {what: "a grant has no statement, or wider terms than were signed", next: "stop the vault; " + restore},
		GrantLost:      {what: "a grant that was signed has no row", next: restore},

		GrantLoose:   {what: "a grant that stands on an erased testimony, on a part that is not there, or on a policy that is not there", next: restore},
		HeaderLeft:   {what: "a grant has ended and its header is there", next: repair + ", which destroys it", safe: true},
		PolicyBroken: {what: "a release policy lacks its statement or its trustees' shares", next: restore},

		GrantsMiscounted: {what: "a testimony's count of grants is wrong", next: repair, safe: true},
		BytesMiscounted:  {what: "an account's bytes are not the sum of its parts and uploads", next: repair, safe: true, who: true},
		OrdinalsBehind:   {what: "an account's count of testimonies is lower than its newest", next: repair, safe: true, who: true},
		TrayMiscounted:   {what: "a tray's counts are not those of its items", next: repair, safe: true},
		RoomMiscounted:   {what: "what a partner has waiting is counted wrong", next: repair, safe: true},

		ItemLoose:          {what: "an item in a tray without its delivery, or in another account's tray", next: restore},
		DeliveryLoose:      {what: "a delivery that waits, without its item", next: restore + "; or ask the partner to bring it again"},
		PapersLoose:        {what: "delivery notes of a part that is not there (TESTIMONY/PART)", next: restore},
		CollectionLoose:    {what: "a collection whose tray is another account's", next: restore, who: true},
		WithdrawalUntold:   {what: "a withdrawal that its partner has not acknowledged and is not reminded of", next: "tell the partner by other means; " + restore},
		WithdrawalUnlisted: {what: "a withdrawal that is missing in her list of endings", next: restore},
		HookLoose:          {what: "a webhook's delivery that does not fit its event or endpoint", next: "ask the partner to read GET /v1/deliveries, which has everything; " + restore},
		OwedAnswered:       {what: "a withdrawal that was acknowledged and is still reminded of", next: repair, safe: true},
	}
}

// Faults lists every kind of finding.
func Faults() []Fault { return slices.Sorted(maps.Keys(about())) }
