#include "capture/link.h"

#include <stddef.h>
#include <pcap/pcap.h>

bool capture_link_is_supported(uint32_t link_type)
{
	switch (link_type) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_PPP:
	case LINK_RAW_12:
	case LINK_RAW_14:
	case LINK_PPP_HDLC:
	case LINK_RAW:
	case LINK_C_HDLC:
	case LINK_IEEE802_11:
	case LINK_LOOP:
	case LINK_LINUX_SLL:
	case LINK_IEEE802_11_RADIOTAP:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_NFLOG:
	case LINK_LINUX_SLL2:
		return true;
	default:
		return false;
	}
}

int capture_link_dlt(uint32_t link_type)
{
	/* Where systems disagree about a DLT_ number, files carry another one than libpcap uses here; all else is
	 * equal. */
	static const struct {
		uint32_t link_type;
		int dlt;
	} differing[] = {
		{ LINK_RAW_12, DLT_RAW }, { LINK_RAW_14, DLT_RAW }, { LINK_RAW, DLT_RAW },  { LINK_LOOP, DLT_LOOP },
		{ 100, DLT_ATM_RFC1483 }, { 102, DLT_SLIP_BSDOS },  { 103, DLT_PPP_BSDOS }, { 106, DLT_ATM_CLIP },
		{ 109, DLT_ENC },         { 246, DLT_PFSYNC },
	};
	int dlt = link_type <= UINT16_MAX ? (int)link_type : -1;

	for (size_t i = 0; i < sizeof(differing) / sizeof(*differing); i++)
		if (differing[i].link_type == link_type)
			dlt = differing[i].dlt;
	return dlt >= 0 && pcap_datalink_val_to_name(dlt) ? dlt : -1;
}

const char *capture_link_name(uint32_t link_type)
{
	int dlt = capture_link_dlt(link_type);

	return dlt < 0 ? NULL : pcap_datalink_val_to_name(dlt);
}
