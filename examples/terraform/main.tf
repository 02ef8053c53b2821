# A machine as a resource: the node, and a deployment whenever its image or its kernel arguments change. Its requests are checked
# against the API's description by Trayload's own tests; the module itself is untried, since no Terraform was at hand.
#
# The provider sends JSON to any API; it has TRAYLOAD_TOKEN of the environment by `token` below.
terraform {
  required_providers {
    restapi = {
      source  = "Mastercard/restapi"
      version = "~> 2.0"
    }
  }
}

provider "restapi" {
  uri                  = var.trayload_url
  write_returns_object = true
  update_method        = "PATCH"
  id_attribute         = "id"
  headers = {
    Authorization = "Bearer ${var.token}"
  }
}

resource "restapi_object" "node" {
  path = "/v1/nodes"
  data = jsonencode({
    name = var.name
    bmc = {
      address  = var.bmc_address
      username = var.bmc_username
      password = var.bmc_password
    }
    labels = {
      owner = "terraform"
    }
  })
}

# What was deployed cannot be undone by taking it out of here: that only looks at it.
resource "restapi_object" "deployment" {
  path           = "/v1/deployments"
  destroy_method = "GET"
  # A deployment is never changed: another request is another one.
  force_new = [var.iso_url, var.kernel_args]
  data = jsonencode({
    node       = restapi_object.node.id
    boot       = { iso = { url = var.iso_url } }
    kernelArgs = var.kernel_args
    finish     = "disc-read"
    eject      = "on-reboot"
  })
}

output "deployment" {
  value = restapi_object.deployment.id
}
