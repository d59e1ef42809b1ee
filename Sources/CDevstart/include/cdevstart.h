int cd_x(void);
