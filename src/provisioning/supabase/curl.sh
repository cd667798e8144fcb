#!/usr/bin/env bash
# Turns the Send SMS hook of a hosted Supabase project on.
#
#   . ./gateway.env
#   export SUPABASE_PROJECT_REF=… SUPABASE_ACCESS_TOKEN=sbp_…   # the token: https://supabase.com/dashboard/account/tokens
#   bash curl.sh
#
# Phone sign-in itself is another switch: Authentication > Sign In / Providers > Phone.
# Self-hosted: set GOTRUE_HOOK_SEND_SMS_ENABLED=true, GOTRUE_HOOK_SEND_SMS_URI and GOTRUE_HOOK_SEND_SMS_SECRETS instead.
# https://supabase.com/docs/reference/api/v1-update-auth-service-config
set -euo pipefail

: "${SUPABASE_PROJECT_REF:?set SUPABASE_PROJECT_REF}"
: "${SUPABASE_ACCESS_TOKEN:?set SUPABASE_ACCESS_TOKEN}"
: "${SUPABASE_HOOK_SECRET:?read gateway.env first: . ./gateway.env}"
GATEWAY_URL="${GATEWAY_URL:-##GATEWAY_URL##}"

# Secrets go by standard input and by a file descriptor: everybody on this machine can read a command line.
# The answer is the whole configuration of the project's sign-in, secrets too: it is not shown.
curl --silent --show-error --fail --max-time 30 --output /dev/null --request PATCH \
  "https://api.supabase.com/v1/projects/$SUPABASE_PROJECT_REF/config/auth" \
  --header @<(printf 'Authorization: Bearer %s\n' "$SUPABASE_ACCESS_TOKEN") \
  --header 'Content-Type: application/json' --data-binary @- <<JSON
{
  "hook_send_sms_enabled": true,
  "hook_send_sms_uri": "$GATEWAY_URL/hooks/supabase",
  "hook_send_sms_secrets": "$SUPABASE_HOOK_SECRET"
}
JSON
echo 'The Send SMS hook is on. Sign in with a phone number to try it.'
