/* output/owner.h - whose the files are that root makes. */
#ifndef ENIFLOW_OUTPUT_OWNER_H
#define ENIFLOW_OUTPUT_OWNER_H

/* What root makes in somebody's folder is theirs: a sensor begins as root and goes on as another user, who has to be able
 * to write there. Gives the file or folder to the owner of the folder that it stands in, if we are root and they are not;
 * else, and where it cannot, it changes nothing. */
void output_owner_inherit(int fd, int folder_fd);

#endif
