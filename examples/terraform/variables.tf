variable "trayload_url" {
  type    = string
  default = "http://127.0.0.1:8080"
}

variable "token" {
  type      = string
  sensitive = true
}

variable "name" {
  type = string
}

variable "bmc_address" {
  type = string
}

variable "bmc_username" {
  type = string
}

variable "bmc_password" {
  type      = string
  sensitive = true
}

variable "iso_url" {
  type = string
}

variable "kernel_args" {
  type    = string
  default = ""
}
