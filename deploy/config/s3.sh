#!/bin/sh
# The S3 server over a folder, with one bucket. The key comes by the environment of
# this process alone: a command line is seen by every process.
set -eu
umask 077
mkdir -p /objects/files/vault /objects/sidecar
ROOT_ACCESS_KEY=vault ROOT_SECRET_KEY="$(cat /run/secrets/s3_secret_key)"
export ROOT_ACCESS_KEY ROOT_SECRET_KEY
exec versitygw --port :7070 --region us-east-1 --keep-alive --health /health --quiet \
	posix --sidecar /objects/sidecar /objects/files
