// Combines and splits with the npm package shamir-secret-sharing.
// In:  {"combine":[[share, …], …],"split":[{"secret","shares","threshold"}, …]}, binary values in hexadecimal.
// Out: {"secrets":[…],"shares":[[…], …]}, in the same order.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { combine, split } = createRequire(process.argv[2] + '/')('shamir-secret-sharing');
const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (b) => Buffer.from(b).toString('hex');

const asked = JSON.parse(readFileSync(0, 'utf8'));
const secrets = [];
for (const shares of asked.combine ?? []) secrets.push(hex(await combine(shares.map(bytes))));
const shares = [];
for (const s of asked.split ?? []) shares.push((await split(bytes(s.secret), s.shares, s.threshold)).map(hex));
process.stdout.write(JSON.stringify({ secrets, shares }));
