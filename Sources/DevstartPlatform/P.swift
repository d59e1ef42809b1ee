package enum DevstartPlatformPlaceholder {}
