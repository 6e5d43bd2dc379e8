// lstm_data.h - a memory and a text, read from a file of ADBench.
#ifndef LSTM_DATA_H
#define LSTM_DATA_H

// The arguments of lstm_objective. What is differentiated by stands in one
// array, so that it and its gradient can be walked through at once.
struct lstm {
    int layers, length, bits;
    int parameters;
    double *main;     // all parameters; owned
    double *extra;    // in main
    double *state;    // in main: where it begins
    double *sequence; // owned
};

// Reads the file: layers length bits; 2 layers rows of 4 bits main parameters;
// 3 rows of bits extra parameters; 2 layers rows of bits for the state; length
// rows of bits. Where that fails, says so on stderr and ends the program with
// status 2.
struct lstm lstm_read(const char *path);

void lstm_free(struct lstm *lstm);

#endif
