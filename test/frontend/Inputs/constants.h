#define LENGTH 4
#define RATE 0.125
enum colour { RED, GREEN };
