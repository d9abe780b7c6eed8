-- Every rule looks at one stretch of one table, so that no read is long: a long one would keep the log of SQLite from being emptied
-- after an erasure. What a rule gives is what breaks it.

-- name: TestimoniesUpto :many
SELECT id FROM testimonies WHERE id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: AccountsUpto :many
SELECT id FROM accounts WHERE id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: ChainsUpto :many
SELECT iss FROM chains WHERE iss > @after ORDER BY iss LIMIT CAST(@page AS BIGINT);

-- name: PayloadsUpto :many
SELECT DISTINCT payload FROM pieces WHERE payload > @after ORDER BY payload LIMIT CAST(@page AS BIGINT);

-- name: KeysUpto :many
SELECT testimony FROM shred_keys WHERE testimony > @after ORDER BY testimony LIMIT CAST(@page AS BIGINT);

-- name: TraysUpto :many
SELECT id FROM trays WHERE id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: ItemsUpto :many
SELECT id FROM tray_items WHERE id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: DeliveriesUpto :many
SELECT item FROM deliveries WHERE item > @after ORDER BY item LIMIT CAST(@page AS BIGINT);

-- name: RoomsUpto :many
SELECT DISTINCT partner FROM deliveries WHERE partner > @after ORDER BY partner LIMIT CAST(@page AS BIGINT);

-- name: HooksUpto :many
SELECT id FROM webhook_events WHERE id > @after ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: CollectionsUpto :many
SELECT account FROM collections WHERE account > @after ORDER BY account LIMIT CAST(@page AS BIGINT);

-- Payloads.

-- name: PartIncomplete :many
SELECT CAST(p.testimony || '/' || CAST(p.n AS TEXT) AS TEXT) AS subject FROM parts AS p
WHERE p.testimony > @after AND p.testimony <= @upto AND p.blob IS NOT NULL
  AND p.length <> (SELECT COALESCE(SUM(x.length), 0) FROM pieces AS x WHERE x.payload = p.blob);

-- name: PartRowShort :many
SELECT CAST(p.testimony || '/' || CAST(p.n AS TEXT) AS TEXT) AS subject FROM parts AS p
WHERE p.testimony > @after AND p.testimony <= @upto AND p.blob IS NULL AND COALESCE(LENGTH(p.payload), 0) <> p.length + 40;

-- name: PartKnownDamage :many
SELECT CAST(p.testimony || '/' || CAST(p.n AS TEXT) AS TEXT) AS subject FROM parts AS p
WHERE p.testimony > @after AND p.testimony <= @upto AND p.damage IS NOT NULL;

-- name: UploadIncomplete :many
SELECT CAST(u.testimony || '/' || CAST(u.n AS TEXT) AS TEXT) AS subject FROM uploads AS u
WHERE u.testimony > @after AND u.testimony <= @upto AND (u.received > u.length OR u.payload_sha256 IS NOT NULL AND u.received <> u.length
  OR u.received <> (SELECT COALESCE(SUM(x.length), 0) FROM pieces AS x WHERE x.payload = u.blob)
    + (SELECT COALESCE(SUM(LENGTH(y.tail) - 40), 0) FROM tails AS y WHERE y.testimony = u.testimony AND y.n = u.n)
    + CASE WHEN COALESCE(LENGTH(u.payload), 0) = 0 THEN 0 ELSE LENGTH(u.payload) - 40 END);

-- name: ItemIncomplete :many
SELECT CAST(i.id AS TEXT) AS subject FROM tray_items AS i
WHERE i.id > @after AND i.id <= @upto AND (
  i.blob IS NOT NULL AND i.length <> (SELECT COALESCE(SUM(x.length), 0) FROM pieces AS x WHERE x.payload = i.blob)
  OR i.blob IS NULL AND COALESCE(LENGTH(i.payload), 0) <> i.length + 40);

-- name: PieceGap :many
SELECT CAST(p.blob AS TEXT) AS subject FROM pieces AS p
WHERE p.payload > @after AND p.payload <= @upto AND p.from_b <> (
  SELECT COALESCE(SUM(b.length), 0) FROM pieces AS b WHERE b.payload = p.payload AND b.from_b < p.from_b);

-- name: PieceStray :many
SELECT CAST(p.blob AS TEXT) AS subject FROM pieces AS p
WHERE p.payload > @after AND p.payload <= @upto
  AND NOT EXISTS (SELECT 1 FROM parts AS a WHERE a.blob = p.payload)
  AND NOT EXISTS (SELECT 1 FROM uploads AS u WHERE u.blob = p.payload)
  AND NOT EXISTS (SELECT 1 FROM tray_items AS i WHERE i.blob = p.payload);

-- name: PieceShared :many
SELECT CAST(p.blob AS TEXT) AS subject FROM pieces AS p
WHERE p.payload > @after AND p.payload <= @upto AND p.from_b = 0
  AND (SELECT COUNT(*) FROM parts AS a WHERE a.blob = p.payload) + (SELECT COUNT(*) FROM uploads AS u WHERE u.blob = p.payload)
    + (SELECT COUNT(*) FROM tray_items AS i WHERE i.blob = p.payload) > 1;

-- name: PieceDoomed :many
SELECT CAST(d.blob AS TEXT) AS subject FROM pieces AS p JOIN doomed_blobs AS d ON d.blob = p.blob
WHERE p.payload > @after AND p.payload <= @upto;

-- name: CopyDoomed :many
SELECT CAST(d.blob AS TEXT) AS subject FROM pieces AS p JOIN doomed_blobs AS d ON d.blob = p.second
WHERE p.payload > @after AND p.payload <= @upto;

-- name: PieceKnownDamage :many
SELECT CAST(p.blob AS TEXT) AS subject FROM pieces AS p
WHERE p.payload > @after AND p.payload <= @upto AND p.damage IS NOT NULL;

-- name: CopyUnnamed :many
SELECT CAST(p.blob AS TEXT) AS subject FROM pieces AS p
WHERE p.payload > @after AND p.payload <= @upto AND p.copied <> CASE WHEN p.second IS NULL THEN 0 ELSE 1 END;

-- name: Pieces :many
SELECT payload, from_b, length, blob, second FROM pieces WHERE payload > @after AND payload <= @upto ORDER BY payload, from_b;

-- name: CountPieces :one
SELECT COUNT(*) AS pieces FROM pieces;

-- name: CountCopies :one
SELECT COUNT(*) AS pieces FROM pieces WHERE second IS NOT NULL;

-- name: Named :one
SELECT COUNT(*) AS pieces FROM pieces WHERE blob = CAST(@object AS TEXT) OR second = CAST(@object AS TEXT);

-- name: PieceOf :one
SELECT length, second FROM pieces WHERE blob = @blob;

-- name: IsDoomed :one
SELECT COUNT(*) AS objects FROM doomed_blobs WHERE blob = @blob;

-- Keys.

-- name: KeyMissing :many
SELECT CAST(t.id AS TEXT) AS subject FROM testimonies AS t
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0 AND NOT EXISTS (SELECT 1 FROM shred_keys AS k WHERE k.testimony = t.id);

-- name: TrayKeyMissing :many
SELECT CAST(t.id AS TEXT) AS subject FROM trays AS t
WHERE t.id > @after AND t.id <= @upto AND NOT EXISTS (SELECT 1 FROM shred_keys AS k WHERE k.testimony = t.id);

-- name: ItemKeyMissing :many
SELECT CAST(i.id AS TEXT) AS subject FROM tray_items AS i
WHERE i.id > @after AND i.id <= @upto AND NOT EXISTS (SELECT 1 FROM shred_keys AS k WHERE k.testimony = i.id);

-- name: KeyOfErased :many
SELECT CAST(k.testimony AS TEXT) AS subject FROM shred_keys AS k JOIN testimonies AS t ON t.id = k.testimony
WHERE k.testimony > @after AND k.testimony <= @upto AND t.erased = 1;

-- name: KeyStray :many
SELECT CAST(k.testimony AS TEXT) AS subject FROM shred_keys AS k
WHERE k.testimony > @after AND k.testimony <= @upto
  AND NOT EXISTS (SELECT 1 FROM testimonies AS t WHERE t.id = k.testimony)
  AND NOT EXISTS (SELECT 1 FROM trays AS y WHERE y.id = k.testimony)
  AND NOT EXISTS (SELECT 1 FROM tray_items AS i WHERE i.id = k.testimony);

-- name: LeftOfErased :many
SELECT CAST(t.id AS TEXT) AS subject FROM testimonies AS t
WHERE t.id > @after AND t.id <= @upto AND t.erased = 1 AND (COALESCE(LENGTH(t.card), 0) > 0
  OR EXISTS (SELECT 1 FROM parts AS p WHERE p.testimony = t.id) OR EXISTS (SELECT 1 FROM uploads AS u WHERE u.testimony = t.id)
  OR EXISTS (SELECT 1 FROM events AS e WHERE e.testimony = t.id) OR EXISTS (SELECT 1 FROM denials AS d WHERE d.testimony = t.id)
  OR EXISTS (SELECT 1 FROM part_papers AS r WHERE r.testimony = t.id) OR EXISTS (SELECT 1 FROM policies AS o WHERE o.testimony = t.id));

-- Custody.

-- name: EventsBroken :many
SELECT CAST(t.id AS TEXT) AS subject FROM testimonies AS t
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0 AND (
  t.events <> (SELECT COUNT(*) FROM events AS e WHERE e.testimony = t.id)
  OR t.events <> (SELECT COALESCE(MAX(m.seq), 0) FROM events AS m WHERE m.testimony = t.id));

-- Chains of statements.

-- name: AccountUnchained :many
SELECT CAST(a.id AS TEXT) AS subject FROM accounts AS a
WHERE a.id > @after AND a.id <= @upto AND NOT EXISTS (
  SELECT 1 FROM statements AS s WHERE s.iss = a.id AND s.seq = 1 AND s.sha256 = a.key_sha256);

-- name: ChainUnowned :many
SELECT CAST(c.iss AS TEXT) AS subject FROM chains AS c
WHERE c.iss > @after AND c.iss <= @upto AND NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = c.iss);

-- name: ChainLoose :many
SELECT CAST(c.iss AS TEXT) AS subject FROM chains AS c
WHERE c.iss > @after AND c.iss <= @upto AND c.seq <> (SELECT COALESCE(MAX(s.seq), 0) FROM statements AS s WHERE s.iss = c.iss);

-- name: ChainWrongKey :many
SELECT CAST(c.iss AS TEXT) AS subject FROM chains AS c
WHERE c.iss > @after AND c.iss <= @upto AND c.signer = c.key AND c.key <> c.iss
  AND NOT EXISTS (SELECT 1 FROM rekeys AS r WHERE r.account = c.iss AND r.key = c.key);

-- name: Heads :many
SELECT iss, seq, sha256 FROM chains WHERE iss > @after AND iss <= @upto ORDER BY iss;

-- name: PartBindings :many
SELECT p.testimony, p.n, p.state, p.payload_sha256, p.header_sha256, p.commitment, p.length
FROM parts AS p JOIN testimonies AS t ON t.id = p.testimony
WHERE t.owner = @owner AND (p.testimony > @after OR p.testimony = @after AND p.n > @n)
ORDER BY p.testimony, p.n LIMIT CAST(@page AS BIGINT);

-- name: GrantOf :one
SELECT testimony, owner, seq, grantee, from_s, until_s, terms_seq, max_reads FROM grants WHERE id = @id;

-- Grants.

-- name: GrantOfErased :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND t.erased = 1 AND (g.revoked_day IS NULL
  OR EXISTS (SELECT 1 FROM grant_parts AS p WHERE p.grant_id = g.id AND COALESCE(LENGTH(p.header), 0) > 0));

-- name: GrantWithoutPart :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0 AND g.revoked_day IS NULL AND EXISTS (
  SELECT 1 FROM grant_parts AS gp WHERE gp.grant_id = g.id AND gp.header IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.testimony = gp.testimony AND p.n = gp.n));

-- name: GrantUnsigned :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND NOT EXISTS (SELECT 1 FROM statements AS s WHERE s.iss = g.owner AND s.seq = g.seq AND s.testimony = g.testimony);

-- name: GrantNotHers :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND g.owner <> t.owner;

-- name: HeaderLeft :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0 AND EXISTS (
  SELECT 1 FROM grant_parts AS gp WHERE gp.grant_id = g.id AND gp.header IS NOT NULL AND (g.revoked_day IS NOT NULL OR gp.ended_seq <> 0));

-- name: GrantPolicyMissing :many
SELECT CAST(g.id AS TEXT) AS subject FROM grants AS g JOIN testimonies AS t ON t.id = g.testimony
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0 AND g.policy IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM policies AS o WHERE o.id = g.policy AND o.testimony = g.testimony AND o.grantee = g.grantee);

-- name: PolicyBroken :many
SELECT CAST(o.id AS TEXT) AS subject FROM policies AS o
WHERE o.testimony > @after AND o.testimony <= @upto AND (
  o.threshold > (SELECT COUNT(*) FROM policy_trustees AS r WHERE r.policy = o.id)
  OR NOT EXISTS (SELECT 1 FROM statements AS s WHERE s.iss = o.owner AND s.seq = o.seq AND s.sha256 = o.sha256));

-- name: GrantsMiscounted :many
SELECT CAST(t.id AS TEXT) AS subject FROM testimonies AS t
WHERE t.id > @after AND t.id <= @upto AND t.erased = 0
  AND t.grants <> (SELECT COUNT(*) FROM grants AS g WHERE g.testimony = t.id AND g.revoked_day IS NULL);

-- Quotas.

-- name: BytesMiscounted :many
SELECT CAST(a.id AS TEXT) AS subject FROM accounts AS a
WHERE a.id > @after AND a.id <= @upto AND a.bytes <>
    (SELECT COALESCE(SUM(p.length), 0) FROM testimonies AS t JOIN parts AS p ON p.testimony = t.id WHERE t.owner = a.id)
  + (SELECT COALESCE(SUM(u.length), 0) FROM testimonies AS v JOIN uploads AS u ON u.testimony = v.id WHERE v.owner = a.id);

-- name: OrdinalsMiscounted :many
SELECT CAST(a.id AS TEXT) AS subject FROM accounts AS a
WHERE a.id > @after AND a.id <= @upto AND a.testimonies < (SELECT COALESCE(MAX(t.ordinal), 0) FROM testimonies AS t WHERE t.owner = a.id);

-- name: TrayMiscounted :many
SELECT CAST(t.id AS TEXT) AS subject FROM trays AS t
WHERE t.id > @after AND t.id <= @upto AND (t.items <> (SELECT COUNT(*) FROM tray_items AS i WHERE i.tray = t.id)
  OR t.bytes <> (SELECT COALESCE(SUM(j.length), 0) FROM tray_items AS j WHERE j.tray = t.id));

-- name: RoomMiscounted :many
SELECT DISTINCT CAST(d.partner AS TEXT) AS subject FROM deliveries AS d
WHERE d.partner > @after AND d.partner <= @upto AND NOT EXISTS (SELECT 1 FROM partner_rooms AS r WHERE r.partner = d.partner
  AND r.bytes = (SELECT COALESCE(SUM(w.length), 0) FROM deliveries AS w WHERE w.partner = d.partner AND w.shown = 'waiting')
  AND r.changes >= (SELECT COALESCE(MAX(m.change), 0) FROM deliveries AS m WHERE m.partner = d.partner));

-- Trays, and what partners bring.

-- name: ItemUndelivered :many
SELECT CAST(i.id AS TEXT) AS subject FROM tray_items AS i
WHERE i.id > @after AND i.id <= @upto AND NOT EXISTS (
  SELECT 1 FROM deliveries AS d WHERE d.item = i.id AND d.state = 'waiting' AND d.length = i.length);

-- name: ItemElsewhere :many
SELECT CAST(i.id AS TEXT) AS subject FROM tray_items AS i
WHERE i.id > @after AND i.id <= @upto AND NOT EXISTS (SELECT 1 FROM trays AS t WHERE t.id = i.tray AND t.account = i.account);

-- name: DeliveryGone :many
SELECT CAST(d.item AS TEXT) AS subject FROM deliveries AS d
WHERE d.item > @after AND d.item <= @upto AND d.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM tray_items AS i WHERE i.id = d.item);

-- name: WithdrawalUntold :many
SELECT CAST(d.item AS TEXT) AS subject FROM deliveries AS d
WHERE d.item > @after AND d.item <= @upto AND d.state = 'withdrawn' AND d.acknowledged_day = 0
  AND NOT EXISTS (SELECT 1 FROM webhook_events AS e WHERE e.subject = d.item AND e.partner = d.partner AND e.owed = 1);

-- name: WithdrawalUnlisted :many
SELECT CAST(d.item AS TEXT) AS subject FROM deliveries AS d
WHERE d.item > @after AND d.item <= @upto AND d.state = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM withdrawn_deliveries AS w WHERE w.item = d.item);

-- name: PapersLoose :many
SELECT CAST(r.testimony || '/' || CAST(r.n AS TEXT) AS TEXT) AS subject FROM part_papers AS r
WHERE r.testimony > @after AND r.testimony <= @upto AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.testimony = r.testimony AND p.n = r.n);

-- name: CollectionElsewhere :many
SELECT CAST(c.account AS TEXT) AS subject FROM collections AS c
WHERE c.account > @after AND c.account <= @upto AND EXISTS (SELECT 1 FROM trays AS t WHERE t.id = c.tray AND t.account <> c.account);

-- name: HookLoose :many
SELECT DISTINCT CAST(e.id AS TEXT) AS subject FROM webhook_events AS e JOIN webhook_deliveries AS d ON d.event = e.id
WHERE e.id > @after AND e.id <= @upto AND (d.day <> e.day OR d.state NOT IN ('waiting', 'delivered', 'dead')
  OR NOT EXISTS (SELECT 1 FROM webhook_endpoints AS h WHERE h.id = d.endpoint AND h.partner = e.partner));

-- name: OwedAnswered :many
SELECT CAST(e.id AS TEXT) AS subject FROM webhook_events AS e JOIN deliveries AS d ON d.item = e.subject
WHERE e.id > @after AND e.id <= @upto AND e.owed = 1 AND d.partner = e.partner AND d.acknowledged_day <> 0;

-- Sealed columns.

-- name: Testimonies :many
SELECT t.id, t.erased, t.card, t.card_sha256, k.shred_key FROM testimonies AS t JOIN shred_keys AS k ON k.testimony = t.id
WHERE t.id > @after AND t.id <= @upto ORDER BY t.id;

-- name: PartHeaders :many
SELECT n, header_sha256, header, payload_sha256, blob FROM parts WHERE testimony = @testimony ORDER BY n;

-- name: PartPayload :one
SELECT payload, payload_sha256 FROM parts WHERE testimony = @testimony AND n = @n AND blob IS NULL;

-- name: GrantHeaders :many
SELECT gp.grant_id, gp.n, gp.header_sha256, gp.header FROM grant_parts AS gp JOIN grants AS g ON g.id = gp.grant_id
WHERE g.testimony = @testimony AND gp.header IS NOT NULL ORDER BY gp.grant_id, gp.n;

-- name: Events :many
SELECT seq, event FROM events WHERE testimony = @testimony AND seq > @after ORDER BY seq LIMIT CAST(@page AS BIGINT);

-- name: Items :many
SELECT i.id, i.header_sha256, i.header, i.payload_sha256, i.blob, k.shred_key FROM tray_items AS i JOIN shred_keys AS k ON k.testimony = i.id
WHERE i.id > @after AND i.id <= @upto ORDER BY i.id;

-- name: ItemPayload :one
SELECT payload, payload_sha256 FROM tray_items WHERE id = @id AND blob IS NULL;

-- Uploads that stand still.

-- name: DeadUploads :many
SELECT CAST(u.testimony || '/' || CAST(u.n AS TEXT) AS TEXT) AS subject FROM uploads AS u
WHERE u.testimony > @after AND u.testimony <= @upto AND u.moved_day < CAST(@before AS BIGINT);

-- What the journal says, and the rows.

-- name: Known :many
SELECT node, seq, sha256 FROM journal_known ORDER BY node, seq;

-- name: GrantStands :one
SELECT COUNT(*) AS grants FROM grants WHERE id = @id AND revoked_day IS NULL;

-- name: PartStands :one
SELECT COUNT(*) AS parts FROM grant_parts AS gp JOIN grants AS g ON g.id = gp.grant_id
WHERE g.id = @id AND gp.n = @n AND gp.ended_seq = 0 AND gp.header IS NOT NULL;

-- name: WideTerms :one
SELECT COUNT(*) AS grants FROM grants WHERE id = @id AND revoked_day IS NULL AND held = 0 AND seq < @n AND terms_seq < @n;

-- name: FewerReads :one
SELECT COUNT(*) AS parts FROM grant_parts WHERE grant_id = @id AND n = @n AND reads < @reads;

-- name: TestimonyStands :one
SELECT COUNT(*) AS testimonies FROM testimonies WHERE id = @id AND erased = 0;

-- name: AccreditationStands :one
SELECT COUNT(*) AS accreditations FROM accreditations WHERE id = @id AND suspended_day IS NULL;

-- name: RosterThere :one
SELECT COUNT(*) AS rosters FROM rosters WHERE seq = @seq;

-- name: AccountThere :one
SELECT COUNT(*) AS accounts FROM accounts WHERE id = @id;

-- name: KeyTaken :one
SELECT (SELECT COUNT(*) FROM chains AS c WHERE c.iss = @account AND c.key = @key)
     + (SELECT COUNT(*) FROM rekeys AS r WHERE r.account = @account AND r.key = @key) AS uses;

-- name: HeardBefore :one
SELECT COUNT(*) AS chains FROM chains WHERE iss = @account AND day < @day;

-- name: ClaimStands :one
SELECT COUNT(*) AS claims FROM claims WHERE id = @id AND vetoed = 0;

-- name: RecoveryStands :one
SELECT COUNT(*) AS recoveries FROM recoveries WHERE id = @id;

-- name: AgreementHalted :one
SELECT COUNT(*) AS agreements FROM agreement_halts WHERE agreement = @agreement;

-- name: KeyRetired :one
SELECT COUNT(*) AS retired FROM retired_keys WHERE client = @client AND thumbprint = @thumbprint;

-- name: TrayStands :one
SELECT COUNT(*) AS trays FROM trays WHERE id = @id AND closed = 0;

-- name: FormStands :one
SELECT COUNT(*) AS forms FROM field_forms WHERE id = @id AND withdrawn_day = 0;

-- Repairs. None of them touches what she has told, or a statement.

-- name: KeepPiece :exec
DELETE FROM doomed_blobs WHERE doomed_blobs.blob = @blob AND EXISTS (SELECT 1 FROM pieces AS p WHERE p.blob = doomed_blobs.blob OR p.second = doomed_blobs.blob);

-- name: CopyAnew :exec
UPDATE pieces SET second = NULL, copied = 0 WHERE blob = @blob AND second = CAST(@second AS TEXT);

-- name: CountCopy :exec
UPDATE pieces SET copied = CASE WHEN second IS NULL THEN 0 ELSE 1 END WHERE blob = @blob;

-- name: DestroyEnded :exec
UPDATE grant_parts SET header = NULL WHERE grant_id = @grant_id AND header IS NOT NULL
  AND (ended_seq <> 0 OR EXISTS (SELECT 1 FROM grants AS g WHERE g.id = grant_parts.grant_id AND g.revoked_day IS NOT NULL));

-- name: RecountGrants :exec
UPDATE testimonies SET grants = (SELECT COUNT(*) FROM grants AS g WHERE g.testimony = testimonies.id AND g.revoked_day IS NULL) WHERE testimonies.id = @id;

-- name: RecountBytes :exec
UPDATE accounts SET bytes = (SELECT COALESCE(SUM(p.length), 0) FROM testimonies AS t JOIN parts AS p ON p.testimony = t.id WHERE t.owner = accounts.id)
  + (SELECT COALESCE(SUM(u.length), 0) FROM testimonies AS v JOIN uploads AS u ON u.testimony = v.id WHERE v.owner = accounts.id) WHERE accounts.id = @id;

-- name: RecountOrdinals :exec
UPDATE accounts SET testimonies = (SELECT COALESCE(MAX(t.ordinal), 0) FROM testimonies AS t WHERE t.owner = accounts.id)
WHERE accounts.id = @id AND testimonies < (SELECT COALESCE(MAX(o.ordinal), 0) FROM testimonies AS o WHERE o.owner = accounts.id);

-- name: RecountTray :exec
UPDATE trays SET items = (SELECT COUNT(*) FROM tray_items AS i WHERE i.tray = trays.id),
  bytes = (SELECT COALESCE(SUM(j.length), 0) FROM tray_items AS j WHERE j.tray = trays.id) WHERE trays.id = @id;

-- name: RoomOf :one
SELECT CAST(COALESCE(MAX(d.change), 0) AS BIGINT) AS changes, CAST(COALESCE(SUM(CASE WHEN d.shown = 'waiting' THEN d.length ELSE 0 END), 0) AS BIGINT) AS bytes
FROM deliveries AS d WHERE d.partner = @partner;

-- name: CountRoom :one
INSERT INTO partner_rooms (partner, bytes, changes) VALUES (@partner, @bytes, @changes)
ON CONFLICT (partner) DO UPDATE SET bytes = excluded.bytes, changes = CASE WHEN partner_rooms.changes < excluded.changes THEN excluded.changes ELSE partner_rooms.changes END
RETURNING changes;

-- name: Answered :exec
UPDATE webhook_events SET owed = 0 WHERE webhook_events.id = @id AND owed = 1
  AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.item = webhook_events.subject AND d.partner = webhook_events.partner AND d.acknowledged_day <> 0);
