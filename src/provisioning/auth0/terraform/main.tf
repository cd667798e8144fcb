# Auth0: a custom phone provider whose Action hands every message to the Phone Code Gateway.
#
# The provider signs in by AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of the environment; its application needs
# the scopes create, read, update and delete for actions and for phone_providers.
# A tenant has one Action for this trigger. Where there is one already: terraform import auth0_action.phone_code_gateway <id>
# and where there is a phone provider: terraform import auth0_phone_provider.custom <pro_…>

terraform {
  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = "~> 1.0"
    }
  }
}

provider "auth0" {}

variable "gateway_url" {
  description = "Where the gateway is."
  type        = string
  default     = "##GATEWAY_URL##"
}

# Of TF_VAR_gateway_secret, so that it stands in no file of the configuration. Terraform's state holds it in clear text,
# as it does every Action's secrets: keep the state where only you can read it.
variable "gateway_secret" {
  description = "The gateway's SECRET_HEADER, or the secret of one of its CALLERS."
  type        = string
  sensitive   = true
}

variable "delivery_methods" {
  description = "What the phone provider takes: text, voice or both."
  type        = set(string)
  default     = ["text", "voice"]
}

# Auth0's steps by its API deploy the Action and do not bind it, and neither does this provider's own example; a page of
# Auth0's on Terraform does. Whether it is needed is not documented: set it to true where the Action is deployed and never runs.
variable "bind_action" {
  description = "Whether to bind the Action to its trigger as well."
  type        = bool
  default     = false
}

resource "auth0_action" "phone_code_gateway" {
  name    = "phone-code-gateway"
  runtime = "node22"
  deploy  = true
  code    = file("${path.module}/code.js")

  supported_triggers {
    id      = "custom-phone-provider"
    version = "v1"
  }

  secrets {
    name  = "GATEWAY_URL"
    value = var.gateway_url
  }

  secrets {
    name  = "GATEWAY_SECRET"
    value = var.gateway_secret
  }
}

resource "auth0_trigger_action" "phone_code_gateway" {
  count     = var.bind_action ? 1 : 0
  trigger   = "custom-phone-provider"
  action_id = auth0_action.phone_code_gateway.id
}

resource "auth0_phone_provider" "custom" {
  # Auth0 refuses a custom provider as long as no Action for it is deployed.
  depends_on = [auth0_action.phone_code_gateway]

  name     = "custom"
  disabled = false

  configuration {
    delivery_methods = var.delivery_methods
  }

  # Required, though a custom provider has none.
  credentials {}
}

output "phone_provider_id" {
  description = "For a message that tries it: POST /api/v2/branding/phone/providers/<id>/try"
  value       = auth0_phone_provider.custom.id
}
