#!/usr/bin/env bash
# Makes the gateway ZITADEL's SMS provider. Two steps, because ZITADEL makes the key that it signs with:
#
#   export ZITADEL_DOMAIN=example.zitadel.cloud ZITADEL_TOKEN=…   # of a user who is IAM_OWNER of the instance
#   bash curl.sh            # makes the provider, and keeps the key in zitadel.env
#   # put ZITADEL_SIGNING_KEY of zitadel.env into the gateway's .env, and start the gateway anew
#   bash curl.sh activate   # from now on ZITADEL sends by it
#
# The key is shown this one time. Needs curl and jq.
# https://zitadel.com/docs/guides/manage/customize/notification-providers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${ZITADEL_DOMAIN:?set ZITADEL_DOMAIN, such as example.zitadel.cloud}"
: "${ZITADEL_TOKEN:?set ZITADEL_TOKEN}"
GATEWAY_URL="${GATEWAY_URL:-##GATEWAY_URL##}"
command -v jq > /dev/null || { echo 'This needs jq.' >&2; exit 1; }

# The token goes by a file descriptor: everybody on this machine can read a command line.
api () { # PATH; the body comes by standard input
  local answer
  answer=$(curl --silent --show-error --fail-with-body --max-time 30 --request POST "https://$ZITADEL_DOMAIN/admin/v1/$1" \
    --header @<(printf 'Authorization: Bearer %s\n' "$ZITADEL_TOKEN") \
    --header 'Content-Type: application/json' --header 'Accept: application/json' --data-binary @-) || { printf '%s\n' "$answer" >&2; return 1; }
  printf '%s\n' "$answer"
}

if [ "${1:-}" = activate ]; then
  [ -f zitadel.env ] || { echo 'There is no zitadel.env here: run bash curl.sh first.' >&2; exit 1; }
  id=$(sed -n 's/^ZITADEL_SMS_PROVIDER_ID=//p' zitadel.env)
  api "sms/${id:?zitadel.env names no provider}/_activate" <<< '{}' > /dev/null
  echo 'ZITADEL sends by the gateway now.'
  exit
fi

[ ! -e zitadel.env ] || { echo 'zitadel.env is there already, and holds the key of a provider: move it away for another one.' >&2; exit 1; }
answer=$(api sms/http <<JSON
{ "endpoint": "$GATEWAY_URL/hooks/zitadel", "description": "Phone codes" }
JSON
)
key=$(jq --raw-output '.signingKey // empty' <<< "$answer")
if [ -z "$key" ]; then
  echo 'ZITADEL gave no signing key: it is too old to sign its requests, and the gateway takes none that are not signed.' >&2
  exit 1
fi
umask 077
printf 'ZITADEL_SIGNING_KEY=%s\nZITADEL_SMS_PROVIDER_ID=%s\n' "$key" "$(jq --raw-output .id <<< "$answer")" > zitadel.env
echo 'The provider is made, and not active yet. Put ZITADEL_SIGNING_KEY of zitadel.env into the .env of the gateway, start it'
echo 'anew, and then: bash curl.sh activate'
