#!/usr/bin/env bash
# Makes Okta's telephony inline hook. An org has one active telephony hook: deactivate another one first.
#
#   . ./gateway.env
#   export OKTA_DOMAIN=example.okta.com OKTA_API_TOKEN=…       # a token that may manage inline hooks (okta.inlineHooks.manage)
#   bash curl.sh
#
# https://developer.okta.com/docs/guides/telephony-inline-hook/
set -euo pipefail

: "${OKTA_DOMAIN:?set OKTA_DOMAIN, such as example.okta.com}"
: "${OKTA_API_TOKEN:?set OKTA_API_TOKEN}"
: "${GATEWAY_SECRET:?read gateway.env first: . ./gateway.env}"
GATEWAY_URL="${GATEWAY_URL:-##GATEWAY_URL##}"

# Secrets go by standard input and by a file descriptor: everybody on this machine can read a command line.
curl --silent --show-error --fail-with-body --max-time 30 --request POST "https://$OKTA_DOMAIN/api/v1/inlineHooks" \
  --header @<(printf 'Authorization: SSWS %s\n' "$OKTA_API_TOKEN") \
  --header 'Content-Type: application/json' --header 'Accept: application/json' --data-binary @- <<JSON
{
  "name": "Phone codes",
  "type": "com.okta.telephony.provider",
  "version": "1.0.0",
  "channel": {
    "type": "HTTP",
    "version": "1.0.0",
    "config": {
      "uri": "$GATEWAY_URL/hooks/okta",
      "method": "POST",
      "authScheme": { "type": "HEADER", "key": "${OKTA_HEADER:-Authorization}", "value": "$GATEWAY_SECRET" }
    }
  }
}
JSON

cat <<'NEXT'

Now preview it, which sends a real request with the code 11111 to the gateway, and a real message if the number is one:
Admin Console > Workflow > Inline Hooks > Phone codes > Preview > a user with a phone number > Generate Request > View Response.
The response must be 200 with "status": "SUCCESSFUL".
NEXT
