using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>One message as it came, its header checked.</summary>
/// <param name="Type">What it is; one of the five.</param>
/// <param name="Body">What follows the header, of a length that the type allows. It lies in the framer's buffer and is valid until the
/// next call of <see cref="BgpFramer.Append"/> or <see cref="BgpFramer.Reset"/>.</param>
public readonly record struct BgpFrame(BgpMessageType Type, ReadOnlyMemory<byte> Body);
