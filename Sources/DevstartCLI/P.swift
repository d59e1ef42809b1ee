package enum DevstartCLIPlaceholder {}
