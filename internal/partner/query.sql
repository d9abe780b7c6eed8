-- name: AddAgreement :exec
INSERT INTO agreements (id, partner, scopes, from_s, until_s) VALUES (@id, @partner, @scopes, @from_s, @until_s)
ON CONFLICT (id) DO UPDATE SET scopes = excluded.scopes, until_s = excluded.until_s;

-- name: CountAgreements :one
SELECT COUNT(id) FROM agreements WHERE partner = @partner;

-- name: AddOfficer :exec
INSERT INTO agreement_officers (agreement, officer) VALUES (@agreement, @officer) ON CONFLICT (agreement, officer) DO NOTHING;

-- name: AddVoice :exec
INSERT INTO agreement_voices (agreement, steward, act, statement) VALUES (@agreement, @steward, @act, @statement);

-- name: Reach :exec
UPDATE agreements SET reached_day = @reached_day WHERE id = @id AND reached_day IS NULL;

-- name: HoldPlace :exec
INSERT INTO agreements (id, partner, scopes, from_s, until_s, reached_day) VALUES (@id, @partner, '', @from_s, @from_s, @reached_day)
ON CONFLICT (id) DO UPDATE SET reached_day = excluded.reached_day WHERE agreements.reached_day IS NULL;

-- name: Halt :exec
INSERT INTO agreement_halts (agreement, day) VALUES (@agreement, @day) ON CONFLICT (agreement) DO NOTHING;

-- name: Standing :many
SELECT a.id, a.partner, a.scopes, a.from_s, a.until_s, a.reached_day, h.day AS halted_day, v.steward, r.sha256 AS roster_sha256
FROM agreements a
JOIN rosters r ON r.seq = (SELECT MAX(seq) FROM rosters)
LEFT JOIN agreement_voices v ON v.agreement = a.id AND v.act = 'agree'
LEFT JOIN agreement_halts h ON h.agreement = a.id
WHERE a.partner = @partner
ORDER BY a.from_s DESC, a.id DESC, v.steward;

-- name: PartnerOf :one
SELECT partner FROM agreements WHERE id = @id;

-- name: HasSpoken :one
SELECT COUNT(steward) FROM agreement_voices WHERE agreement = @agreement AND steward = @steward AND act = @act;

-- name: Officers :many
SELECT officer FROM agreement_officers WHERE agreement = @agreement ORDER BY officer;

-- name: OfficerOf :many
SELECT DISTINCT a.partner FROM agreement_officers o
JOIN agreements a ON a.id = o.agreement
WHERE o.officer = @officer
ORDER BY a.partner;

-- name: AgreeStatements :many
SELECT statement FROM agreement_voices WHERE agreement = @agreement AND act = 'agree' ORDER BY steward;

-- name: AddClient :exec
INSERT INTO clients (id, partner) VALUES (@id, @partner);

-- name: ClientPartner :one
SELECT partner FROM clients WHERE id = @id;

-- name: CountClients :one
SELECT COUNT(id) FROM clients WHERE partner = @partner;

-- name: CountKeys :one
SELECT COUNT(id) FROM client_keys WHERE client = @client;

-- name: AddKey :exec
INSERT INTO client_keys (id, client, thumbprint, jwk, scopes, from_s, until_s)
VALUES (@id, @client, @thumbprint, @jwk, @scopes, @from_s, @until_s)
ON CONFLICT (id) DO NOTHING;

-- name: AddClientVoice :exec
INSERT INTO client_voices (registration, officer, statement) VALUES (@registration, @officer, @statement);

-- name: ClientVoices :many
SELECT officer FROM client_voices WHERE registration = @registration ORDER BY officer;

-- name: Keys :many
SELECT k.id, k.thumbprint, k.jwk, k.scopes, k.from_s, k.until_s, v.officer
FROM client_keys k
JOIN client_voices v ON v.registration = k.id
LEFT JOIN retired_keys t ON t.client = k.client AND t.thumbprint = k.thumbprint
WHERE k.client = @client AND t.client IS NULL AND k.from_s <= @now AND k.until_s > @now
ORDER BY k.id, v.officer;

-- name: CountKeysNamed :one
SELECT COUNT(id) FROM client_keys WHERE client = @client AND thumbprint = @thumbprint;

-- name: Retire :execrows
INSERT INTO retired_keys (client, thumbprint, day, statement) VALUES (@client, @thumbprint, @day, @statement)
ON CONFLICT (client, thumbprint) DO NOTHING;

-- name: IsRetired :one
SELECT COUNT(client) FROM retired_keys WHERE client = @client AND thumbprint = @thumbprint;

-- name: Partners :many
SELECT DISTINCT partner FROM agreements WHERE partner > @after ORDER BY partner LIMIT CAST(@page AS BIGINT);

-- name: Statements :many
SELECT v.agreement, v.act, v.statement FROM agreements a
JOIN agreement_voices v ON v.agreement = a.id
WHERE a.partner = @partner
ORDER BY a.from_s, a.id, v.act, v.steward;

-- name: Clients :many
SELECT id FROM clients WHERE partner = @partner AND id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: ClientStatements :many
SELECT v.statement FROM client_keys k
JOIN client_voices v ON v.registration = k.id
WHERE k.client = @client
ORDER BY k.from_s, k.id, v.officer;

-- name: Retirements :many
SELECT thumbprint, statement FROM retired_keys WHERE client = @client ORDER BY day, thumbprint;
