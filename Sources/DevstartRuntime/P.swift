package enum DevstartRuntimePlaceholder {}
