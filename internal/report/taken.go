package report

// words are what can be said before anything is counted. They repeat the threat
// model, which has the reasons.
type words struct {
	title        string
	has, not, do []string
}

const (
	noContent = "No word, picture, voice, title or name of a file: every one is sealed to keys that are made from words which only people have."
	noNames   = "No name, address, telephone number or network address of a participant: none is stored."
)

var taken = map[Lost]words{
	Database: {
		title: "the database, or a backup of it",
		has: []string{
			"Which accounts there are, their roles and days of enrolling; how many testimonies each has, with padded lengths.",
			"Who granted to whom until when, with the terms; the second of each opening; who is whose trustee; what was taken back.",
			"Names and institutions of researchers, stewards and partners, which are public among those who vouch and grant.",
			"Headers that fit payloads of the object store, all sealed.",
		},
		not: []string{noContent, noNames, "No way to act as anybody: the server's keys are not in the database."},
		do: []string{
			"Find out how, and close it. Keep the traces, on another machine.",
			"Change the password of the database and the line to it. If keys_dir was readable from there, the worksheet for keys applies as well.",
			"If an account is known to them from elsewhere, the pattern of its grants is now known too: tell her (below).",
			"Shorten `backups.keep` if it was an old backup that nobody missed.",
		},
	},
	Objects: {
		title: "the object store, or a copy of it",
		has:   []string{"Sealed payloads under random names, their padded sizes, and the days, or on S3 the seconds, of writing."},
		not:   []string{noContent, noNames, "No header: these are in the database. Without one a payload opens to no key at all, not even its owner's."},
		do: []string{
			"Change the access keys of the store; look at its log for reads and deletions in that time.",
			"`testimonyd fixity run` finds what was altered or is missing, and heals it from the second copy.",
			"If the database may be gone too, use that worksheet; together they open nothing either.",
		},
	},
	Keys: {
		title: "the server's own keys",
		has: []string{
			"Access tokens for anybody, until the keys are replaced: lists, ciphertext, and acts that need no signature of hers, such as deleting an upload under way.",
			"Receipts and lines of the journal that look like the vault's.",
		},
		not: []string{noContent, "No grant, no statement, no opening in anybody's name that holds: those need her key, or the reader's."},
		do: []string{
			"Stop the server, replace the keys (docs/operate/README.md, the server's own keys), start it: every session ends.",
			"Compare the head of the journal with the one that was kept elsewhere: `testimonyd journal check --head FILE`.",
			"Tell people that receipts from that time prove less than they say, and let partners rotate their webhooks.",
		},
	},
	Machine: {
		title: "control of a machine that serves",
		has: []string{
			"All of the worksheets for the database, the objects and the keys.",
			"From that moment: addresses and times of connections; what was *sealed on arrival*, while it passed through memory; headers and payloads of readers whose grants were taken back later, if copies were kept.",
			"What altered code chose to do or to leave out: openings may be missing from feeds.",
		},
		not: []string{"No content that was sealed in her own client, before or during that time.", "No keys of people: they never come here."},
		do: []string{
			"Do not clean the machine: build a new one from a verified release, with new keys, and restore (docs/operate/restore.md).",
			"Parts that were sealed on arrival in that time are marked as such in their owners' lists: tell them to count on those being known.",
			"Ask everybody who took something back in that time to seal it anew (`testimony relock`).",
		},
	},
	Reader: {
		title: "the words of a researcher, or a computer with what was opened",
		has:   []string{"Everything that the researcher had been granted in that time, readable, as often as the terms allowed; what had been saved, for ever."},
		not:   []string{"Nothing else: no other reader's grants, nothing that was not granted."},
		do: []string{
			"Stewards suspend the researcher at once (`testimony steward suspend`): no byte leaves for that key any more.",
			"The researcher changes words (`testimony rekey`) only with stewards on the telephone, and is vouched for anew.",
			"People who had granted to this researcher see the suspension and each opening in their feeds. Have the stewards speak with the researcher about whom else to warn, and how, without writing names down.",
		},
	},
}

// tell is the same for all.
var tell = []string{
	"The authority in charge, within 72 hours of knowing, unless a risk is unlikely: " + Counsel + ". Risk to life weighs more than the number of people.",
	"Participants, without delay, where the risk is high: " + Counsel + ". There is no way to write to them and there must not be one: a notice waits inside, in plain words, on the page that everybody sees, and partners who know women in person tell them in person.",
	"Researchers, stewards and partners: " + Operator + ".",
	"The register: `testimonyd register add --kind incident …`, so that the transparency report has it.",
	"Afterwards, in public: what happened, what was done, what it means ([incidents](../docs/operate/incidents.md)).",
}
