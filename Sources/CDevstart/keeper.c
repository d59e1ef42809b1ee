#include "cdevstart.h"
