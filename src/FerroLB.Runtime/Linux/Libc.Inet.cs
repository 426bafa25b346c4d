using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>What IPv4 and IPv6 sockets need beyond packet sockets.</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyInet = 2;
    public const int LevelIpv4 = 0;
    public const int OptionBindToLink = 62;
    public const int OptionIpv4TrafficClass = 1;
    public const int OptionIpv4TimeToLive = 2;
    public const int OptionIpv4PacketInfo = 8;
    public const int OptionIpv4ReceiveTimeToLive = 12;
    public const int OptionIpv4MulticastInterface = 32;
    public const int OptionIpv4MulticastTimeToLive = 33;
    public const int OptionIpv4MulticastLoop = 34;
    public const int OptionIpv4JoinGroup = 35;
    public const int OptionIpv4LeaveGroup = 36;
    public const int OptionIpv4MulticastAll = 49;
    public const int OptionIpv6HopLimitOfSocket = 16;
    public const int OptionIpv6MulticastHopLimit = 18;
    public const int OptionIpv6MulticastLoop = 19;
    public const int OptionIpv6Only = 26;
    public const int OptionIpv6MulticastAll = 29;
    public const int OptionIpv6ReceivePacketInfo = 49;
    public const int OptionIpv6PacketInfo = 50;
    public const int OptionIpv6ReceiveHopLimit = 51;
    public const int OptionIpv6HopLimit = 52;
    public const int OptionIpv6TrafficClass = 67;
    public const int OptionReuseAddress = 2;
    public const int ErrorFamilyNotSupported = 97;
    public const int ErrorAddressInUse = 98;

    /// <summary>Octets of struct sockaddr_in6, and more than those of sockaddr_in.</summary>
    public const int InternetAddressOctets = 28;

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int fd, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint LinkIndexOf(string name);

    /// <summary>Sets an option whose value is a number.</summary>
    public static bool TrySetNumber(int fd, int level, int option, int value) =>
        SetSocketOption(fd, level, option, &value, sizeof(int)) == 0;
}
