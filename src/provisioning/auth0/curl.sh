#!/usr/bin/env bash
# Sets Auth0's custom phone provider up by the Management API, and may be run again: what is there is changed.
#
#   . ./gateway.env
#   export AUTH0_DOMAIN=tenant.eu.auth0.com AUTH0_TOKEN=…      # scopes: read, create and update, of actions and phone_providers
#   bash curl.sh                    # the Action, its deployment, the phone provider
#   bash curl.sh try +14155550123   # sends a message to that number by it; or: try +14155550123 voice
#
# Needs curl and jq. https://auth0.com/docs/api/management/v2
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${AUTH0_DOMAIN:?set AUTH0_DOMAIN, such as tenant.eu.auth0.com}"
: "${AUTH0_TOKEN:?set AUTH0_TOKEN, a token for the Management API}"
export GATEWAY_URL="${GATEWAY_URL:-##GATEWAY_URL##}"
command -v jq > /dev/null || { echo 'This needs jq.' >&2; exit 1; }

# Secrets go by standard input and by a file descriptor: everybody on this machine can read a command line.
api () { # METHOD PATH [-]: with - the body comes by standard input, as JSON
  local body=() answer
  if [ "${3:-}" = - ]; then
    body=(--header 'Content-Type: application/json' --data-binary @-)
  elif [ "$1" = POST ]; then
    body=(--header 'Content-Type:' --data '')
  fi
  answer=$(curl --silent --show-error --fail-with-body --max-time 30 --request "$1" "https://$AUTH0_DOMAIN/api/v2/$2" \
    --header @<(printf 'Authorization: Bearer %s\n' "$AUTH0_TOKEN") ${body[@]+"${body[@]}"}) || { printf '%s\n' "$answer" >&2; return 1; }
  printf '%s\n' "$answer"
}

# What is there already is changed only where it is ours, or where that is wanted.
may_replace () { # WHAT NAME OURS
  [ "$2" = "$3" ] || [ "${REPLACE:-}" = 1 ] || {
    echo "This tenant has the $1 '$2', and can have but one. To put the gateway in its place: REPLACE=1 bash curl.sh" >&2
    exit 1
  }
}

if [ "${1:-}" = try ]; then
  : "${2:?try needs a number, such as +14155550123}"
  provider=$(api GET branding/phone/providers | jq --raw-output '.providers[0].id // empty')
  jq --null-input --arg to "$2" --arg method "${3:-text}" '{ to: $to, delivery_method: $method }' |
    api POST "branding/phone/providers/${provider:?there is no phone provider yet: bash curl.sh}/try" -
  exit
fi

: "${GATEWAY_SECRET:?read gateway.env first: . ./gateway.env}"
export GATEWAY_SECRET

# A tenant has one Action for this trigger, and one phone provider.
actions=$(api GET 'actions/actions?triggerId=custom-phone-provider')
action=$(jq --raw-output '.actions[0].id // empty' <<< "$actions")
[ -z "$action" ] || may_replace Action "$(jq --raw-output '.actions[0].name' <<< "$actions")" phone-code-gateway
providers=$(api GET branding/phone/providers)
provider=$(jq --raw-output '.providers[0].id // empty' <<< "$providers")
[ -z "$provider" ] || may_replace 'phone provider' "$(jq --raw-output '.providers[0].name' <<< "$providers")" custom

fields='{
  name: "phone-code-gateway",
  code: $code,
  runtime: "node22",
  supported_triggers: [{ id: "custom-phone-provider", version: "v1" }],
  dependencies: [],
  secrets: [{ name: "GATEWAY_URL", value: $ENV.GATEWAY_URL }, { name: "GATEWAY_SECRET", value: $ENV.GATEWAY_SECRET }]
}'
if [ -z "$action" ]; then
  action=$(jq --null-input --rawfile code code.js "$fields" | api POST actions/actions - | jq --raw-output .id)
  echo "Made the Action $action."
else
  jq --null-input --rawfile code code.js "$fields | del(.supported_triggers)" | api PATCH "actions/actions/$action" - > /dev/null
  echo "Changed the Action $action."
fi

# An Action is built before it can be deployed, which takes some seconds.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  status=$(api GET "actions/actions/$action" | jq --raw-output .status)
  [ "$status" = pending ] || [ "$status" = building ] || break
  sleep "${SECONDS_BETWEEN_TRIES:-2}"
done
[ "$status" = built ] || { echo "Auth0 has not built the Action (it is: $status): see it in the dashboard, and run this again." >&2; exit 1; }
api POST "actions/actions/$action/deploy" > /dev/null
echo 'Deployed it.'

fields='{ name: "custom", disabled: false, configuration: { delivery_methods: ["text", "voice"] }, credentials: {} }'
if [ -z "$provider" ]; then
  jq --null-input "$fields" | api POST branding/phone/providers - > /dev/null
  echo 'Made the phone provider.'
else
  jq --null-input "$fields" | api PATCH "branding/phone/providers/$provider" - > /dev/null
  echo 'Changed the phone provider.'
fi
echo 'Try it: bash curl.sh try +14155550123'
