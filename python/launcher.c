/* python/launcher.c - the program inside the wheel: what it does is in the shared object beside it. */
int consort_main(int argc, char **argv);

int main(int argc, char **argv)
{
    return consort_main(argc, argv);
}
