# Okta: the telephony inline hook, by which every SMS and voice call of the org goes to the Phone Code Gateway.
#
# The provider signs in by OKTA_ORG_NAME, OKTA_BASE_URL and OKTA_API_TOKEN of the environment (or by OAuth 2.0, with the
# scope okta.inlineHooks.manage). An org has one active telephony hook: deactivate another one first. Identity Engine only.

terraform {
  required_providers {
    okta = {
      source = "okta/okta"
    }
  }
}

provider "okta" {}

variable "gateway_url" {
  description = "Where the gateway is."
  type        = string
  default     = "##GATEWAY_URL##"
}

# Of TF_VAR_gateway_secret, so that it stands in no file of the configuration. Terraform's state holds it in clear text:
# keep the state where only you can read it.
variable "gateway_secret" {
  description = "The gateway's SECRET_HEADER, or the secret of one of its CALLERS."
  type        = string
  sensitive   = true
}

variable "header" {
  description = "The header in which Okta sends the secret: the gateway's OKTA_HEADER."
  type        = string
  default     = "Authorization"
}

resource "okta_inline_hook" "phone_codes" {
  name    = "Phone codes"
  type    = "com.okta.telephony.provider"
  version = "1.0.0"

  channel = {
    type    = "HTTP"
    version = "1.0.0"
    uri     = "${var.gateway_url}/hooks/okta"
    method  = "POST"
  }

  auth = {
    type  = "HEADER"
    key   = var.header
    value = var.gateway_secret
  }
}

output "inline_hook_id" {
  description = "For a preview: Workflow > Inline Hooks > Phone codes > Preview"
  value       = okta_inline_hook.phone_codes.id
}
