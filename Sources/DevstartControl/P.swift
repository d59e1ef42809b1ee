package enum DevstartControlPlaceholder {}
