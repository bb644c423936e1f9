"""Whatever leaves the building is a row here first: mail, push-back, webhooks. One loop sends them all."""
